import { columnGroups, type SummaryColumn } from '../columns.js';
import { isShare, type Tolerances, toleranceOf } from './tolerance.js';
import type { Allowance } from './types.js';

/** Numbers are printed with six significant digits, so a bound is known no better than this part of a value. */
const printedPrecision = 1e-5;

type DeterministicColumn = (typeof columnGroups.deterministic)[number];

/** Samples of a cell that may come out differently on another class of machine unless `--flips` says otherwise. */
export function defaultFlips(samples: number): number {
  return Math.max(1, Math.floor(0.02 * samples));
}

export interface FlipContext {
  /** 0 asks for equality. */
  readonly flips: number;
  /** Samples of the cell. */
  readonly samples: number;
  readonly tolerances: Tolerances;
}

/**
 * How far a deterministic column may move. Where samples may flip, each counts as one sample whose output is
 * replaced: `correct` moves by one and the accuracy by 1/n; the ends of a Wilson interval move at most twice as
 * fast as the share itself; `agreement` and `identical` lose two of n, as the baseline may flip as well; and
 * means and sums move as if the sample counted nothing on one side or double. `n`, `errors` and the canvas
 * depend on no answer and stay equal.
 */
export function deterministicAllowance(column: DeterministicColumn, context: FlipContext): Allowance {
  const { flips, samples, tolerances } = context;
  const stated = toleranceOf(tolerances, column);
  if (stated !== undefined) {
    return { kind: isShare(column) ? 'absolute' : 'relative', value: stated, why: '--tolerance' };
  }
  if (flips === 0 || samples === 0) return { kind: 'exact' };
  const why = `${flips} flipped ${flips === 1 ? 'sample' : 'samples'}`;
  const part = Math.min(1, flips / samples);
  switch (column) {
    case 'n':
    case 'errors':
    case 'tokens_canvas':
      return { kind: 'exact' };
    case 'correct':
      return { kind: 'absolute', value: flips, why };
    case 'accuracy':
      return { kind: 'absolute', value: part, why };
    case 'accuracy_low':
    case 'accuracy_high':
    case 'agreement':
    case 'identical':
      return { kind: 'absolute', value: Math.min(1, 2 * part), why };
    default:
      return { kind: 'relative', value: part, why };
  }
}

/** Whether two values that are not printed alike are within what is allowed; null is no value. */
export function isAllowed(a: number | null, b: number | null, allowed: Allowance): boolean {
  if (allowed.kind === 'any') return true;
  if (a === null || b === null) return a === b;
  if (a === b) return true;
  const change = Math.abs(b - a);
  if (allowed.kind === 'exact') return false;
  if (allowed.kind === 'absolute')
    return change <= allowed.value + printedPrecision * Math.max(1, allowed.value);
  return a !== 0 && change <= (allowed.value + printedPrecision) * Math.abs(a);
}

export const deterministicColumns: readonly DeterministicColumn[] = columnGroups.deterministic;

/** Columns of executed work: they change with exact savings, so they are compared only where a tolerance asks. */
export function executedColumns(tolerances: Tolerances): readonly SummaryColumn[] {
  return columnGroups.executed.filter((column) => tolerances.has(column));
}
