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
  const rowsOfB = new Map<string, number>();
  for (let row = 0; row < b.rowCount; row++) {
    const id = cellIdOf(b, row);
    const earlier = rowsOfB.get(id);
    if (earlier !== undefined) throw duplicate(b, earlier, row);
    rowsOfB.set(id, row);
  }
  const pairs: RowPair[] = [];
  const partners = new Int32Array(b.rowCount).fill(-1);
  const unpaired = new Map<string, number>();
  for (let rowA = 0; rowA < a.rowCount; rowA++) {
    const id = cellIdOf(a, rowA);
    const rowB = rowsOfB.get(id);
    const earlier = rowB === undefined ? (unpaired.get(id) ?? -1) : partners[rowB]!;
    if (earlier !== -1) throw duplicate(a, earlier, rowA);
    if (rowB === undefined) {
      unpaired.set(id, rowA);
    } else {
      partners[rowB] = rowA;
      pairs.push({ a, rowA, b, rowB });
    }
  }
  const onlyInB = Array.from(partners.keys()).filter((row) => partners[row] === -1);
  return { pairs, onlyInA: [...unpaired.values()], onlyInB };
}

function duplicate(table: SummaryTable, earlier: number, row: number): UsageError {
  const { method, benchmark } = keyOf(table, row);
  return new UsageError(
    'SUMMARY_DUPLICATE',
    `${table.file}: lines ${table.line(earlier)} and ${table.line(row)} are of one cell (${method} on ` +
      `${benchmark}: all of ${pairColumns.join(', ')} are equal); remove one of them.`,
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

function cellIdOf(table: SummaryTable, row: number): string {
  let id = '';
  for (const column of pairColumns) id += `${table.text(row, column)}\u0000`;
  return id;
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
