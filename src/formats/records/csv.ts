import { UsageError } from '../../errors.js';
import { cellText, scanCsv } from '../csv-scan.js';
import { dataFormat, type Row, reasonOf } from './row.js';
import { decodeText } from './text.js';

/** Where the names of a CSV file's columns come from. */
export type CsvColumns =
  /** The first record; rows are objects. */
  | { readonly kind: 'header' }
  /** The caller, and the first record is a row; rows are objects. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** Nowhere, and the first record is a row; rows are arrays. */
  | { readonly kind: 'unnamed' };

/**
 * The records of a CSV file (RFC 4180; blank lines are none): all cells are strings, spaces kept.
 *
 * @throws UsageError `DATA_FORMAT` with the line: not UTF-8, an open quote, records of unlike length, another
 *   number of columns than `columns` names, a name that stands twice
 */
export function csvRows(bytes: Uint8Array, path: string, columns: CsvColumns): Row[] {
  const text = decodeText(bytes, path);
  if (/^[\r\n]*$/.test(text)) return [];
  const records = recordsOf(text, path, columns.kind === 'header' ? 'header' : 'first record');
  if (columns.kind === 'unnamed') return records.map((value, index) => ({ row: index + 1, value }));
  const names = columns.kind === 'named' ? columns.names : records.shift()!;
  checkNames(names, records[0]?.length ?? names.length, path);
  return records.map((record, index) => ({
    row: index + 1,
    value: Object.fromEntries(names.map((name, column) => [name, record[column]])),
  }));
}

function recordsOf(text: string, path: string, first: string): string[][] {
  const { bounds, cells, width } = scan(text, path, first);
  return Array.from({ length: cells / width }, (_, record) =>
    Array.from({ length: width }, (_, column) => {
      const at = 2 * (record * width + column);
      return cellText(text, bounds[at]!, bounds[at + 1]!);
    }),
  );
}

function scan(text: string, path: string, first: string) {
  try {
    return scanCsv(text, path, first);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw dataFormat('In the data file', reasonOf(error), 'correct the line or download the file again');
  }
}

function checkNames(names: readonly string[], width: number, path: string): void {
  if (names.length !== width) {
    const where = `The data file ${path}`;
    const named = names.map((name) => JSON.stringify(name)).join(', ');
    throw dataFormat(where, `has ${width} columns`, `give it these ${names.length}: ${named}`);
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    const what = `names the column ${JSON.stringify(twice)} twice`;
    throw dataFormat(`The header of the data file ${path}`, what, 'rename one of them');
  }
}
