import { isJsonObject } from '../json.js';
import { dataFormat, kindOf, type Row, reasonOf } from './row.js';
import { decodeText } from './text.js';

const maxLineLength = 16 * 2 ** 20;

/**
 * The objects of a JSONL file with their lines; lines end with LF, CRLF or CR, and blank ones are passed over.
 *
 * @throws UsageError `DATA_FORMAT` with the line: not UTF-8, not a JSON object, longer than 16 Mi characters
 */
export function jsonlRows(bytes: Uint8Array, path: string): Row[] {
  const rows: Row[] = [];
  decodeText(bytes, path)
    .split(/\r\n|\n|\r/)
    .forEach((line, index) => {
      if (line.trim() !== '') rows.push({ row: index + 1, value: parseLine(line, index + 1, path) });
    });
  return rows;
}

function parseLine(line: string, row: number, path: string): unknown {
  const where = `Line ${row} of the data file ${path}`;
  if (line.length > maxLineLength) {
    throw dataFormat(where, 'has more than 16 Mi characters', 'put one JSON object on each line');
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw dataFormat(
      where,
      `is not JSON (${reasonOf(error)})`,
      'correct the line or download the file again',
    );
  }
  if (isJsonObject(value)) return value;
  throw dataFormat(where, `holds ${kindOf(value)}`, 'put one JSON object on each line');
}
