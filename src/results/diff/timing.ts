import { columnGroups, type SummaryColumn } from '../columns.js';
import type { SummaryTable } from '../summary-table.js';
import type { RowPair } from './cells.js';
import { type Tolerances, timingBounds, toleranceOf } from './tolerance.js';
import type { Allowance, TimingRatio } from './types.js';

/** Below this, a difference of speed is never one. */
const leastNoise = 0.05;
/** Where no interval says how well a speed is known. */
const noiseWithoutInterval = 0.1;
/** When garbage is collected is not up to us. */
const memoryNoise = 0.25;

type TimingColumn = (typeof columnGroups.timing)[number];

/** The side that has no speed in any row while the other has some: a run with `--no-timing`. */
export function sideWithoutSpeeds(a: SummaryTable, b: SummaryTable): 'A' | 'B' | undefined {
  const [inA, inB] = [hasSpeeds(a), hasSpeeds(b)];
  if (inA === inB) return undefined;
  return inA ? 'B' : 'A';
}

function hasSpeeds(table: SummaryTable): boolean {
  for (let row = 0; row < table.rowCount; row++) if (table.number(row, 'tps') !== null) return true;
  return false;
}

/** Timing columns that are compared: the ends of intervals only where a tolerance names them. */
export function timingColumns(tolerances: Tolerances): readonly TimingColumn[] {
  return columnGroups.timing.filter((column) => !timingBounds.has(column) || tolerances.has(column));
}

/** Whether a column moved by so little that no interval needs to be looked at. */
export function isBelowNoise(column: TimingColumn, { a, rowA, b, rowB }: RowPair): boolean {
  const [from, to] = [a.number(rowA, column), b.number(rowB, column)];
  return from !== null && to !== null && from !== 0 && Math.abs(to / from - 1) <= leastNoise;
}

/**
 * How far a timing column may move, as a part of A's value: by the root of the sum of squares of both
 * half-widths on the log scale, but never by less than 5 %. A column without an interval of its own is known as
 * well as `tps` of its cell, and memory to 25 %.
 */
export function timingAllowance(column: TimingColumn, pair: RowPair, tolerances: Tolerances): Allowance {
  const stated = toleranceOf(tolerances, column);
  if (stated !== undefined) return { kind: 'relative', value: stated, why: '--tolerance' };
  if (column === 'peak_memory_bytes') return { kind: 'relative', value: memoryNoise, why: 'memory' };
  const own = column === 'speedup' ? logNoise(pair, 'speedup_low', 'speedup_high') : undefined;
  const noise = own ?? logNoise(pair, 'tps_low', 'tps_high');
  if (noise === undefined) return { kind: 'relative', value: noiseWithoutInterval, why: 'no interval' };
  const faster = (pair.b.number(pair.rowB, column) ?? 0) > (pair.a.number(pair.rowA, column) ?? 0);
  const part = faster ? Math.expm1(noise) : -Math.expm1(-noise);
  return part > leastNoise
    ? { kind: 'relative', value: part, why: 'intervals' }
    : { kind: 'relative', value: leastNoise, why: 'least noise' };
}

/** Half-width of the difference of two logs; undefined unless both sides have an interval. */
function logNoise(pair: RowPair, low: TimingColumn, high: TimingColumn): number | undefined {
  const a = halfWidth(pair.a.number(pair.rowA, low), pair.a.number(pair.rowA, high));
  const b = halfWidth(pair.b.number(pair.rowB, low), pair.b.number(pair.rowB, high));
  return a === undefined || b === undefined ? undefined : Math.hypot(a, b);
}

function halfWidth(low: number | null, high: number | null): number | undefined {
  if (low === null || high === null || low <= 0 || high < low) return undefined;
  return Math.log(high / low) / 2;
}

const summarised: readonly SummaryColumn[] = ['tps', 'speedup'];

/** B over A for the columns that say most. */
export function timingRatios(pairs: Iterable<RowPair>): TimingRatio[] {
  const ratios = new Map<SummaryColumn, number[]>(summarised.map((column) => [column, []]));
  for (const { a, rowA, b, rowB } of pairs) {
    for (const column of summarised) {
      const ratio = (b.number(rowB, column) ?? Number.NaN) / (a.number(rowA, column) ?? Number.NaN);
      if (Number.isFinite(ratio)) ratios.get(column)!.push(ratio);
    }
  }
  return [...ratios].flatMap(([column, values]) => {
    if (values.length === 0) return [];
    const sorted = Float64Array.from(values).sort();
    const middle = (sorted.length - 1) / 2;
    const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
    return [{ column, cells: sorted.length, lowest: sorted[0]!, median, highest: sorted.at(-1)! }];
  });
}
