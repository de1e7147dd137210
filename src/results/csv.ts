import { readFile, rename, writeFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { UsageError } from '../errors.js';
import { isTextColumn, type SummaryRow, summaryColumns, summarySchemaVersion } from './columns.js';

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
export function asWritten(row: SummaryRow): SummaryRow {
  const cells = Object.entries(row).map(([column, value]): [string, CsvCell] => {
    if (typeof value !== 'number') return [column, value];
    return [column, Number.isFinite(value) ? writtenNumber(value) : null];
  });
  return Object.fromEntries(cells) as SummaryRow;
}

/** The rows of a CSV text by column name; all cells are texts. */
export function parseCsv(text: string, file: string): Record<string, string>[] {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('CSV_INVALID', `${file}: not a CSV table (${reason})`);
  }
}

/** A reader sees the old file or the whole new one. */
export async function writeCsv(
  path: string,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, CsvCell>>[],
): Promise<void> {
  await writeFile(`${path}.partial`, formatCsv(columns, rows));
  await rename(`${path}.partial`, path);
}

export async function readCsv(path: string): Promise<Record<string, string>[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      'CSV_UNREADABLE',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  return parseCsv(text, path);
}

export function writeSummary(path: string, rows: readonly SummaryRow[]): Promise<void> {
  return writeCsv(path, summaryColumns, rows);
}

/** @throws UsageError if the file is no summary of this schema version. */
export async function readSummary(path: string): Promise<SummaryRow[]> {
  return (await readCsv(path)).map((cells, i) => {
    if (cells.schema !== String(summarySchemaVersion)) {
      throw new UsageError(
        'SUMMARY_SCHEMA',
        `${path}: schema ${cells.schema ?? 'missing'}, this version reads ${summarySchemaVersion}`,
      );
    }
    const entries = summaryColumns.map((column): [string, CsvCell] => {
      const text = cells[column];
      if (text === undefined) {
        throw new UsageError('SUMMARY_SCHEMA', `${path}: column "${column}" is missing`);
      }
      if (isTextColumn(column)) return [column, text];
      const value = text === '' ? null : Number(text);
      if (Number.isNaN(value)) {
        throw new UsageError('CSV_INVALID', `${path}: row ${i + 2}: "${column}" is not a number: ${text}`);
      }
      return [column, value];
    });
    return Object.fromEntries(entries) as SummaryRow;
  });
}
