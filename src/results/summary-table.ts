import { UsageError } from '../errors.js';
import type { CsvTable } from '../formats/csv.js';
import { nearest } from '../suggest.js';
import { isTextColumn, type SummaryColumn, summaryColumns, summarySchemaVersion } from './columns.js';

/** A summary.csv with all columns of this version, in any order, whose numbers are numbers. */
export class SummaryTable {
  readonly file: string;
  readonly rowCount: number;
  /** Columns that this version does not know. */
  readonly extraColumns: readonly string[];
  readonly #csv: CsvTable;
  readonly #places: ReadonlyMap<SummaryColumn, number>;

  /** @throws UsageError `SUMMARY_SCHEMA` or `CSV_INVALID`, naming file, line and column */
  constructor(csv: CsvTable) {
    const known = new Set<string>(summaryColumns);
    this.file = csv.file;
    this.rowCount = csv.rowCount;
    this.extraColumns = csv.header.filter((name) => !known.has(name));
    this.#csv = csv;
    refuseMissing(csv, this.extraColumns);
    this.#places = new Map(summaryColumns.map((name) => [name, csv.column(name)!]));
    this.#refuseOtherSchemas();
    this.#refuseOtherThanNumbers();
  }

  /** As printed. */
  text(row: number, column: SummaryColumn): string {
    return this.#csv.cell(row, this.#places.get(column)!);
  }

  /** Null for an empty cell. */
  number(row: number, column: SummaryColumn): number | null {
    const text = this.text(row, column);
    return text === '' ? null : Number(text);
  }

  /** Whether a cell equals one of another table as printed. */
  same(row: number, other: SummaryTable, otherRow: number, column: SummaryColumn): boolean {
    return this.#csv.sameCell(
      row,
      this.#places.get(column)!,
      other.#csv,
      otherRow,
      other.#places.get(column)!,
    );
  }

  /** Of the texts of some columns, to find rows by. */
  hash(row: number, columns: readonly SummaryColumn[]): number {
    let hash = 0x811c9dc5;
    for (const column of columns) hash = this.#csv.hash(row, this.#places.get(column)!, hash);
    return hash;
  }

  /** Line of the file on which a row begins, counted from 1. */
  line(row: number): number {
    return this.#csv.line(row);
  }

  #refuseOtherSchemas(): void {
    const version = String(summarySchemaVersion);
    for (let row = 0; row < this.rowCount; row++) {
      const text = this.text(row, 'schema');
      if (text === version) continue;
      throw new UsageError(
        'SUMMARY_SCHEMA',
        `${this.file}:${this.line(row)}: column "schema" is ${JSON.stringify(text)}, but this version reads ${version}.`,
      );
    }
  }

  #refuseOtherThanNumbers(): void {
    const columns = summaryColumns.filter((column) => !isTextColumn(column));
    const places = columns.map((column) => this.#places.get(column)!);
    for (let row = 0; row < this.rowCount; row++) {
      for (let i = 0; i < places.length; i++) {
        if (this.#csv.isNumberOrEmpty(row, places[i]!)) continue;
        throw new UsageError(
          'CSV_INVALID',
          `${this.file}:${this.line(row)}: column "${columns[i]}" is ${JSON.stringify(this.text(row, columns[i]!))}, ` +
            'but it must be a finite number or empty.',
        );
      }
    }
  }
}

function refuseMissing(csv: CsvTable, extra: readonly string[]): void {
  const missing = summaryColumns.filter((name) => csv.column(name) === undefined);
  if (missing.length === 0) return;
  const [first] = missing;
  const start = csv.header.join(',');
  if (missing.length === summaryColumns.length) {
    const [only = ''] = csv.header;
    const separator = csv.header.length === 1 ? [';', '\t'].find((c) => only.includes(c)) : undefined;
    const why =
      separator === undefined
        ? `its first line is ${JSON.stringify(start.length > 60 ? `${start.slice(0, 60)}...` : start)}`
        : `its fields are separated by ${separator === ';' ? 'semicolons' : 'tabs'}, not by commas`;
    throw new UsageError('SUMMARY_SCHEMA', `${csv.file}: not a summary.csv of a run: ${why}.`);
  }
  const renamed = missing.length === 1 && extra.length === 1 ? extra[0] : undefined;
  const near = nearest(first!, extra) ?? renamed;
  const more =
    missing.length === 1
      ? ''
      : `, and ${missing.length - 1} more (${missing.slice(1, 4).join(', ')}${missing.length > 4 ? ', ...' : ''})`;
  throw new UsageError(
    'SUMMARY_SCHEMA',
    `${csv.file}: column "${first}" is missing${more}${near === undefined ? '.' : `; did you mean "${near}"?`}`,
  );
}
