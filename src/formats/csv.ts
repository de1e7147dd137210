import { UsageError } from '../errors.js';
import { cellText, lineAt, scanCsv } from './csv-scan.js';

const [comma, quote, point, zero, nine] = [0x2c, 0x22, 0x2e, 0x30, 0x39];

const decimalNumber = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The cells of a CSV text (RFC 4180: quoted fields with commas, newlines and doubled quotes; LF, CRLF or CR).
 * It holds where each cell stands and cuts texts out when they are asked for: of the millions of cells of a
 * large table most are only looked at in place, which is ten times as fast as making a string of each.
 */
export class CsvTable {
  readonly file: string;
  readonly header: readonly string[];
  /** Records below the header; blank lines are none. */
  readonly rowCount: number;
  readonly #text: string;
  /** Start and end of each cell, quotes included; the header's cells first. */
  readonly #bounds: Uint32Array;
  readonly #columns: ReadonlyMap<string, number>;

  /** @throws UsageError `CSV_INVALID` with file and line: nothing in it, stray quotes, records of unlike length. */
  constructor(text: string, file: string) {
    const { bounds, cells, width } = scanCsv(text, file);
    this.file = file;
    this.#text = text;
    this.#bounds = bounds;
    this.rowCount = cells / width - 1;
    this.header = Array.from({ length: width }, (_, column) => this.#cut(column));
    this.#columns = new Map(this.header.map((name, i) => [name, i]));
    if (this.#columns.size < width) {
      const twice = this.header.find((name, i) => this.header.indexOf(name) < i);
      throw new UsageError('CSV_INVALID', `${file}:1: column "${twice}" stands twice in the header.`);
    }
  }

  /** Place of a column; undefined if the table has none of that name. */
  column(name: string): number | undefined {
    return this.#columns.get(name);
  }

  /** Text of a cell without its quotes. `row` counts from 0 below the header. */
  cell(row: number, column: number): string {
    return this.#cut((row + 1) * this.header.length + column);
  }

  /** Whether a cell equals one of another table, character by character. */
  sameCell(row: number, column: number, other: CsvTable, otherRow: number, otherColumn: number): boolean {
    const at = 2 * ((row + 1) * this.header.length + column);
    const otherAt = 2 * ((otherRow + 1) * other.header.length + otherColumn);
    const start = this.#bounds[at]!;
    const length = this.#bounds[at + 1]! - start;
    const otherStart = other.#bounds[otherAt]!;
    if (other.#bounds[otherAt + 1]! - otherStart === length) {
      let i = 0;
      while (i < length && this.#text.charCodeAt(start + i) === other.#text.charCodeAt(otherStart + i)) i++;
      if (i === length) return true;
    }
    // The same text may be quoted in one of them only.
    const quoted = this.#text.charCodeAt(start) === quote || other.#text.charCodeAt(otherStart) === quote;
    return quoted && this.cell(row, column) === other.cell(otherRow, otherColumn);
  }

  /** A 32-bit hash (FNV-1a) of a cell's text that goes on from another one; equal texts have equal hashes. */
  hash(row: number, column: number, seed: number): number {
    const at = 2 * ((row + 1) * this.header.length + column);
    let [text, i, end] = [this.#text, this.#bounds[at]!, this.#bounds[at + 1]!];
    if (end > i && text.charCodeAt(i) === quote) {
      text = this.cell(row, column);
      [i, end] = [0, text.length];
    }
    let hash = seed;
    for (; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return Math.imul(hash ^ comma, 0x01000193);
  }

  /** Whether a cell is empty or a finite decimal number, as `-1.5e-7`: no NaN, infinity, blank or comma. */
  isNumberOrEmpty(row: number, column: number): boolean {
    const at = 2 * ((row + 1) * this.header.length + column);
    let [i, end] = [this.#bounds[at]!, this.#bounds[at + 1]!];
    const text = this.#text;
    if (end > i && text.charCodeAt(i) === quote) [i, end] = [i + 1, end - 1];
    if (i === end) return true;
    // Nearly all are digits with at most one point; the rest is left to slower means.
    let points = 0;
    for (let at = i; at < end; at++) {
      const c = text.charCodeAt(at);
      if (c === point) points++;
      else if (c < zero || c > nine) points = 2;
    }
    if (points < Math.min(2, end - i) && end - i < 300) return true;
    const cell = text.slice(i, end);
    return decimalNumber.test(cell) && Number.isFinite(Number(cell));
  }

  /** Line of the file on which a record begins, counted from 1. */
  line(row: number): number {
    return lineAt(this.#text, this.#bounds[2 * (row + 1) * this.header.length]!);
  }

  #cut(cell: number): string {
    return cellText(this.#text, this.#bounds[2 * cell]!, this.#bounds[2 * cell + 1]!);
  }
}
