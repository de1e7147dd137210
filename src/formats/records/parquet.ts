import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { dataFormat, type Row, reasonOf } from './row.js';

const magic = 'PAR1';

/** Stands for a string that is not UTF-8 until its row and column are known. */
const notUtf8 = Symbol('not UTF-8');

/**
 * All rows of a Parquet file as plain objects: null for what is missing, integers as numbers, dates as ISO 8601
 * strings; snappy, zstd, gzip, brotli and LZ4; lists and structs.
 *
 * @throws UsageError `DATA_FORMAT`: cut off, damaged, not Parquet, text that is not UTF-8, an integer beyond 2^53
 */
export async function parquetRows(bytes: Uint8Array, path: string): Promise<Row[]> {
  const where = `The data file ${path}`;
  checkMagic(bytes, where);
  const { rows, flat } = await decode(bytes).catch((error: unknown) => {
    throw dataFormat(where, `is damaged, or a kind of Parquet that is not read (${reasonOf(error)})`);
  });
  return rows.map((cells, index) => {
    const value = Object.fromEntries(
      Object.entries(cells).map(([column, cell]) => {
        const place = `Row ${index + 1}, column ${JSON.stringify(column)} of the data file ${path}`;
        if (cell === undefined && flat.has(column)) throw dataFormat(place, 'is damaged');
        return [column, plain(cell, place)];
      }),
    );
    return { row: index + 1, value };
  });
}

function checkMagic(bytes: Uint8Array, where: string): void {
  const text = (part: Uint8Array) => Buffer.from(part).toString('latin1');
  if (text(bytes.subarray(0, 4)) !== magic) {
    throw dataFormat(where, `is not Parquet (it does not begin with ${magic})`);
  }
  if (bytes.length < 12 || text(bytes.subarray(-4)) !== magic) {
    throw dataFormat(where, `is cut off (its ${bytes.length} bytes do not end with ${magic})`);
  }
}

interface Decoded {
  readonly rows: Record<string, unknown>[];
  /** Columns that are neither lists nor structs: only damage leaves a cell of them undefined. */
  readonly flat: ReadonlySet<string>;
}

async function decode(bytes: Uint8Array): Promise<Decoded> {
  const file = new Uint8Array(bytes).buffer;
  // Read on its own: statistics may be cut in the middle of a character.
  const metadata = parquetMetadata(file);
  const rows = await parquetReadObjects({
    file,
    metadata,
    compressors,
    parsers: { stringFromBytes: decodeString },
  });
  if (rows.length !== Number(metadata.num_rows)) {
    throw new Error(`${rows.length} rows are there, and the footer counts ${metadata.num_rows}`);
  }
  const leaves = parquetSchema(metadata).children.filter(({ children }) => children.length === 0);
  return { rows, flat: new Set(leaves.map(({ element }) => element.name)) };
}

function decodeString(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return notUtf8;
  }
}

function plain(value: unknown, place: string): unknown {
  if (value === undefined || value === null) return null;
  if (value === notUtf8) throw dataFormat(place, 'holds text that is not UTF-8');
  if (typeof value === 'bigint') {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    throw dataFormat(place, `holds the integer ${value}, beyond 2^53`, 'store that column as text');
  }
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw dataFormat(place, 'holds no valid date');
    return value.toISOString();
  }
  if (Array.isArray(value)) return Array.from(value, (item) => plain(item, place));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, place)]));
}
