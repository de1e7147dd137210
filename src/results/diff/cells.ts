import { UsageError } from '../../errors.js';
import type { SummaryTable } from '../summary-table.js';
import { type PairColumn, type PairKey, pairColumns } from './types.js';

/** A row of each table. */
export interface RowPair {
  readonly a: SummaryTable;
  readonly rowA: number;
  readonly b: SummaryTable;
  readonly rowB: number;
}

/** Rows that pair, and rows of cells that the other table lacks. */
export interface Pairing {
  readonly pairs: readonly RowPair[];
  readonly onlyInA: readonly number[];
  readonly onlyInB: readonly number[];
}

/** @throws UsageError `SUMMARY_DUPLICATE` where two rows of a table are of one cell, with both lines */
export function pairRows(a: SummaryTable, b: SummaryTable): Pairing {
  const rowsOfB = new RowIndex(b);
  for (let row = 0; row < b.rowCount; row++) {
    const earlier = rowsOfB.add(row);
    if (earlier !== undefined) throw duplicate(b, earlier, row);
  }
  const pairs: RowPair[] = [];
  const partners = new Int32Array(b.rowCount).fill(-1);
  const unpaired = new RowIndex(a);
  const onlyInA: number[] = [];
  for (let rowA = 0; rowA < a.rowCount; rowA++) {
    const rowB = rowsOfB.find(a, rowA);
    if (rowB === undefined) {
      const earlier = unpaired.add(rowA);
      if (earlier !== undefined) throw duplicate(a, earlier, rowA);
      onlyInA.push(rowA);
    } else {
      const earlier = partners[rowB]!;
      if (earlier !== -1) throw duplicate(a, earlier, rowA);
      partners[rowB] = rowA;
      pairs.push({ a, rowA, b, rowB });
    }
  }
  return { pairs, onlyInA, onlyInB: Array.from(partners.keys()).filter((row) => partners[row] === -1) };
}

/** Rows by their key columns. It compares cells in place: with 10^5 rows, strings for keys cost half a second. */
class RowIndex {
  readonly #table: SummaryTable;
  /** The last row of each hash. */
  readonly #last = new Map<number, number>();
  /** The row before of the same hash, or -1. */
  readonly #before: Int32Array;

  constructor(table: SummaryTable) {
    this.#table = table;
    this.#before = new Int32Array(table.rowCount);
  }

  /** Adds a row, unless one of the same cell is there: returns that one. */
  add(row: number): number | undefined {
    const hash = this.#table.hash(row, pairColumns);
    const earlier = this.#search(hash, this.#table, row);
    if (earlier !== undefined) return earlier;
    this.#before[row] = this.#last.get(hash) ?? -1;
    this.#last.set(hash, row);
    return undefined;
  }

  /** The row of the same cell as a row of another table. */
  find(other: SummaryTable, row: number): number | undefined {
    return this.#search(other.hash(row, pairColumns), other, row);
  }

  #search(hash: number, other: SummaryTable, otherRow: number): number | undefined {
    for (let row = this.#last.get(hash) ?? -1; row !== -1; row = this.#before[row]!) {
      if (pairColumns.every((column) => this.#table.same(row, other, otherRow, column))) return row;
    }
    return undefined;
  }
}

function duplicate(table: SummaryTable, earlier: number, row: number): UsageError {
  const { method, benchmark } = keyOf(table, row);
  return new UsageError(
    'SUMMARY_DUPLICATE',
    `${table.file}: lines ${table.line(earlier)} and ${table.line(row)} are of one cell (${JSON.stringify(method)} ` +
      `on ${benchmark}: all of ${pairColumns.join(', ')} are equal); remove one of them.`,
  );
}

export function keyOf(table: SummaryTable, row: number): PairKey {
  return {
    experiment: table.text(row, 'experiment'),
    model: table.text(row, 'model'),
    method: table.text(row, 'method'),
    benchmark: table.text(row, 'benchmark'),
    profile: table.text(row, 'profile'),
    seed: table.text(row, 'seed'),
    limit: table.text(row, 'limit'),
  };
}

/** The key as one text, of a row of a table as of a cell of a manifest. */
export function cellKeyText(
  cell: Omit<PairKey, 'experiment' | 'limit'> & { readonly limit: string | number | null },
): string {
  const { model, method, benchmark, profile, seed, limit } = cell;
  return [model, method, benchmark, profile, seed, limit ?? ''].join('\n');
}

/** Key columns beside benchmark and method with more than one value in the two tables. */
export function varyingColumns(a: SummaryTable, b: SummaryTable): PairColumn[] {
  if (a.rowCount === 0) return [];
  return pairColumns.filter((column) => {
    if (column === 'benchmark' || column === 'method') return false;
    return [a, b].some((table) => {
      for (let row = 0; row < table.rowCount; row++) if (!a.same(0, table, row, column)) return true;
      return false;
    });
  });
}

/**
 * Why two tables have no cell in common: the key columns that have no value in common, or the number of rows
 * where one has none.
 */
export function unlikeKeys(a: SummaryTable, b: SummaryTable): { name: string; a: string; b: string }[] {
  if (a.rowCount === 0 || b.rowCount === 0) {
    const count = ({ rowCount }: SummaryTable) => (rowCount === 0 ? 'none' : String(rowCount));
    return [{ name: 'cells', a: count(a), b: count(b) }];
  }
  const disjoint = pairColumns.flatMap((name) => {
    const [inA, inB] = [valuesOf(a, name), valuesOf(b, name)];
    if ([...inA].some((value) => inB.has(value))) return [];
    return [{ name, a: listed(inA), b: listed(inB) }];
  });
  if (disjoint.length > 0) return disjoint;
  return [{ name: 'cells', a: `${a.rowCount}, none of them in B`, b: `${b.rowCount}, none of them in A` }];
}

function valuesOf(table: SummaryTable, column: PairColumn): Set<string> {
  const values = new Set<string>();
  for (let row = 0; row < table.rowCount; row++) values.add(table.text(row, column));
  return values;
}

function listed(values: ReadonlySet<string>): string {
  const shown = [...values].slice(0, 3).map((value) => (value === '' ? 'empty' : value));
  return shown.join(', ') + (values.size > shown.length ? `, and ${values.size - shown.length} more` : '');
}
