import { isAscii, isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import { UsageError } from '../errors.js';
import { CsvTable } from '../formats/csv.js';
import { writeWhole } from '../formats/files.js';
import { isTextColumn, type SummaryRow, summaryColumns } from './columns.js';
import { SummaryTable } from './summary-table.js';

export type CsvCell = string | number | null;

/** Text of a CSV file (RFC 4180, LF) with a header line; null is an empty cell. */
export function formatCsv(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, CsvCell>>[],
): string {
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column] ?? null)));
  return stringify([columns.slice(), ...cells]);
}

/** Six significant digits: more than any measurement has, and the same text on every machine. */
function formatCell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '';
  return String(writtenNumber(value));
}

function writtenNumber(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/** A row as reading it from the file gives it: what is made from it is the same before and after. */
export function asWritten<Row extends Readonly<Record<string, CsvCell>>>(row: Row): Row {
  const cells = Object.entries(row).map(([column, value]): [string, CsvCell] => {
    if (typeof value !== 'number') return [column, value];
    return [column, Number.isFinite(value) ? writtenNumber(value) : null];
  });
  return Object.fromEntries(cells) as Row;
}

/** The rows of a CSV text by column name; all cells are texts. */
export function parseCsv(text: string, file: string): Record<string, string>[] {
  const table = new CsvTable(text, file);
  return Array.from({ length: table.rowCount }, (_, row) =>
    Object.fromEntries(table.header.map((name, column) => [name, table.cell(row, column)])),
  );
}

/** A reader sees the old file or the whole new one. */
export async function writeCsv(
  path: string,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, CsvCell>>[],
): Promise<void> {
  await writeWhole(path, formatCsv(columns, rows));
}

export async function readCsv(path: string): Promise<Record<string, string>[]> {
  return parseCsv(await readCsvText(path), path);
}

/**
 * Text of a CSV file.
 *
 * @throws UsageError `CSV_UNREADABLE`, or `CSV_INVALID` for a file of another kind, which it names
 */
export async function readCsvText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new UsageError(
      'CSV_UNREADABLE',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  const kind = foreignKind(bytes);
  if (kind !== undefined) throw new UsageError('CSV_INVALID', `${path}: not a CSV table but ${kind}.`);
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}

/** What a file is that cannot be CSV. */
function foreignKind(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 2).toString('latin1');
  if (mark === '\xff\xfe' || mark === '\xfe\xff') return 'UTF-16 text; save it as UTF-8';
  if (bytes.subarray(0, 1 << 16).includes(0) || !isUtf8(bytes)) return 'binary data (or not in UTF-8)';
  const start = bytes.subarray(0, 1024).toString('utf8').trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return 'JSON';
  if (start.startsWith('<')) return 'HTML or XML';
  return undefined;
}

export function writeSummary(path: string, rows: readonly SummaryRow[]): Promise<void> {
  return writeCsv(path, summaryColumns, rows);
}

/** @throws UsageError if the file is no summary of this schema version; it names line and column. */
export async function readSummary(path: string): Promise<SummaryRow[]> {
  const table = new SummaryTable(new CsvTable(await readCsvText(path), path));
  return Array.from({ length: table.rowCount }, (_, row) => {
    const entries = summaryColumns.map((column) => [
      column,
      isTextColumn(column) ? table.text(row, column) : table.number(row, column),
    ]);
    return Object.fromEntries(entries) as SummaryRow;
  });
}
