import { type CsvColumns, csvRows } from './csv.js';
import { dataEmpty, readDataFile } from './file.js';
import { jsonRows } from './json.js';
import { jsonlRows } from './jsonl.js';
import { parquetRows } from './parquet.js';
import { dataFormat, type Row } from './row.js';

export interface ReadOptions {
  /** For CSV files only; names in the first record unless told. */
  readonly csvColumns?: CsvColumns;
}

export interface DataRows {
  /** At least one. */
  readonly rows: Row[];
  /** Of the file as it lies on the disk. */
  readonly sha256: string;
}

type Reader = (bytes: Uint8Array, path: string, options: ReadOptions) => Row[] | Promise<Row[]>;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['.parquet', parquetRows],
  ['.jsonl', jsonlRows],
  ['.json', jsonRows],
  ['.csv', (bytes, path, { csvColumns }) => csvRows(bytes, path, csvColumns ?? { kind: 'header' })],
]);

/**
 * Reads all rows of a data file; the end of its name says how: `.parquet`, `.jsonl`, `.json`, `.csv`, each with
 * `.gz` behind it or not.
 *
 * @throws UsageError `DATA_MISSING`, `DATA_EMPTY` or `DATA_FORMAT`, with the path, the place and what to do
 */
export async function readRows(path: string, options: ReadOptions = {}): Promise<DataRows> {
  const ending = /(\.[^./\\]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const reader = readers.get(ending);
  if (reader === undefined) {
    const known = [...readers.keys()].join(', ');
    throw dataFormat(
      `The data file ${path}`,
      'has an unknown ending',
      `use one of ${known}, or one with .gz`,
    );
  }
  const { bytes, sha256 } = await readDataFile(path);
  const rows = await reader(bytes, path, options);
  if (rows.length === 0) throw dataEmpty(path);
  return { rows, sha256 };
}
