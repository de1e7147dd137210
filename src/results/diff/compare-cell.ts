import type { SummaryColumn } from '../columns.js';
import { keyOf, type RowPair } from './cells.js';
import {
  defaultFlips,
  deterministicAllowance,
  deterministicColumns,
  executedColumns,
  isAllowed,
} from './deterministic.js';
import { isBelowNoise, timingAllowance, timingColumns } from './timing.js';
import { groupOf, type Tolerances, toleranceOf } from './tolerance.js';
import type { Allowance, CellComparison, ColumnDifference, Guard, SampleComparison } from './types.js';

/** What holds for all cells of a comparison. */
export interface CellRules {
  readonly tolerances: Tolerances;
  /** As stated by `--flips`. */
  readonly flips: number | undefined;
  readonly otherHardware: boolean;
  /** One side measured no speed at all: there is nothing to compare with. */
  readonly unmeasured: boolean;
}

const none: readonly never[] = [];

/**
 * Compares a pair of rows; undefined if they are the same in all respects.
 *
 * @param guards Why the cell is not comparable; `inRun` says that all cells of the run are not.
 */
export function compareCell(
  pair: RowPair,
  rules: CellRules,
  guards: readonly Guard[],
  inRun: boolean,
  samples: SampleComparison | undefined,
): CellComparison | undefined {
  const flips = allowedFlips(pair, rules);
  const ofSamples = samples === undefined ? {} : { samples };
  if (inRun || guards.length > 0 || (samples?.otherPrompts ?? 0) > 0) {
    const all = [...guards, ...promptGuards(samples)];
    const key = keyOf(pair.a, pair.rowA);
    return { key, state: 'not-comparable', guards: all, columns: none, shown: none, flips, ...ofSamples };
  }
  const columns = differingColumns(pair, rules, flips);
  const { judged, shown } = differingTiming(pair, rules);
  const otherSamples = samples !== undefined && hasChanges(samples);
  if (columns.length + judged.length + shown.length === 0 && !otherSamples) return undefined;
  const differs =
    columns.length + judged.length > 0 || (samples !== undefined && samplesDiffer(samples, flips));
  return {
    key: keyOf(pair.a, pair.rowA),
    state: differs ? 'differs' : 'same',
    guards: none,
    columns: [...columns, ...judged],
    shown,
    flips,
    ...ofSamples,
  };
}

function allowedFlips({ a, rowA }: RowPair, { flips, otherHardware }: CellRules): number {
  if (flips !== undefined) return flips;
  return otherHardware ? defaultFlips(a.number(rowA, 'n') ?? 0) : 0;
}

/** Deterministic columns beyond what is allowed, and executed ones for which a tolerance is stated. */
function differingColumns(
  pair: RowPair,
  { tolerances }: CellRules,
  flips: number,
): readonly ColumnDifference[] {
  const samples = pair.a.number(pair.rowA, 'n') ?? 0;
  const found: ColumnDifference[] = [];
  for (const column of deterministicColumns) {
    if (isEqual(pair, column)) continue;
    const allowed = deterministicAllowance(column, { flips, samples, tolerances });
    if (!isWithin(pair, column, allowed)) found.push(difference(pair, column, allowed));
  }
  for (const column of executedColumns(tolerances)) {
    const value = toleranceOf(tolerances, column)!;
    const allowed: Allowance = { kind: 'relative', value, why: '--tolerance' };
    if (isEqual(pair, column) || isWithin(pair, column, allowed)) continue;
    found.push(difference(pair, column, allowed));
  }
  return found;
}

interface TimingDifferences {
  readonly judged: readonly ColumnDifference[];
  /** On other hardware, where timing is no difference unless a tolerance is stated for it. */
  readonly shown: readonly ColumnDifference[];
}

function differingTiming(pair: RowPair, rules: CellRules): TimingDifferences {
  const { tolerances, otherHardware, unmeasured } = rules;
  const judged: ColumnDifference[] = [];
  const shown: ColumnDifference[] = [];
  for (const column of unmeasured ? [] : timingColumns(tolerances)) {
    if (isEqual(pair, column)) continue;
    const stated = toleranceOf(tolerances, column);
    if (stated === undefined && isBelowNoise(column, pair)) continue;
    const allowed = timingAllowance(column, pair, tolerances);
    if (isWithin(pair, column, allowed)) continue;
    if (otherHardware && stated === undefined) {
      shown.push(difference(pair, column, { kind: 'any', why: 'other hardware' }));
    } else {
      judged.push(difference(pair, column, allowed));
    }
  }
  return { judged, shown };
}

function isEqual({ a, rowA, b, rowB }: RowPair, column: SummaryColumn): boolean {
  return a.same(rowA, b, rowB, column);
}

function isWithin({ a, rowA, b, rowB }: RowPair, column: SummaryColumn, allowed: Allowance): boolean {
  return isAllowed(a.number(rowA, column), b.number(rowB, column), allowed);
}

function difference(pair: RowPair, column: SummaryColumn, allowed: Allowance): ColumnDifference {
  const { a, rowA, b, rowB } = pair;
  return { column, group: groupOf(column), a: a.text(rowA, column), b: b.text(rowB, column), allowed };
}

function hasChanges({ changed, onlyInA, onlyInB }: SampleComparison): boolean {
  return changed.length + onlyInA.length + onlyInB.length > 0;
}

/** Without flips every output must be the same; with them, so many samples may be judged differently. */
function samplesDiffer(samples: SampleComparison, flips: number): boolean {
  if (samples.onlyInA.length > 0 || samples.onlyInB.length > 0) return true;
  return flips === 0 ? samples.changed.length > 0 : samples.gained + samples.lost > flips;
}

function promptGuards(samples: SampleComparison | undefined): Guard[] {
  if (samples === undefined || samples.otherPrompts === 0) return [];
  const { paired, otherPrompts } = samples;
  return [{ name: 'prompts', a: `${paired} samples`, b: `${otherPrompts} of them with another prompt` }];
}
