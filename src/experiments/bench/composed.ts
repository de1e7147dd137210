import { groupBy } from '../../group-by.js';
import { mean, sum } from '../../stats/summary.js';
import { costOf, fitPassCost } from '../passes/pass-cost.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import type { WatchedPass, WatchedSample } from '../passes/watched-passes.js';

/** A whole generation, put together from timed passes. */
export interface ComposedGeneration {
  /** Runs of the model as the published code counts them. */
  readonly nfe: number;
  /** Those that ran, and how many of them computed every row. */
  readonly passes: number;
  readonly fullPasses: number;
  /** Matrix products of all passes. */
  readonly flops: number;
  /** Of the operations that were counted for partial passes, those that ran where they were timed. */
  readonly partialShare: number;
  readonly ms: number;
  readonly tokensPerSecond: number;
  /** Where the rows of the passes are from: counted without the model, or recorded as it decoded. */
  readonly rows: 'counted' | 'recorded';
  /** Whether fewer passes may do, so that the time is an upper bound. */
  readonly atMost: boolean;
}

/**
 * The time of a generation whose passes are known by their rows: each kind of pass at the cost that passes of its kind
 * were timed at, by their operations.
 *
 * Where layers choose rows, a counted trace has the most that they may choose. What the timed partial passes ran of the
 * operations that were counted for the same passes is taken to hold for the others.
 *
 * @param trace All passes of a sample, with the rows that each computes.
 * @param timed Passes of `rounds` equal rounds, each with the first partial passes of the sample; at least one.
 */
export function composeGeneration(
  trace: WatchedSample,
  rows: ComposedGeneration['rows'],
  timed: readonly WatchedPass[],
  rounds: number,
  genLength: number,
): ComposedGeneration {
  const known = groupBy(timed, kindOf);
  const partialShare =
    rows === 'recorded' ? 1 : shareOfCounted(trace.passes, known.get('partial') ?? [], rounds);
  const kinds = byPassKind(trace.passes, ({ isFull }) => isFull).map(([kind, passes]) => {
    const counted = sum(passes.map(({ flops }) => flops));
    return { kind, count: passes.length, flops: kind === 'partial' ? counted * partialShare : counted };
  });
  const ms = sum(
    kinds.map(({ kind, count, flops }) => costOf(fitPassCost(known.get(kind) ?? timed), count, flops)),
  );
  return {
    nfe: trace.nfe ?? trace.passes.length,
    passes: trace.passes.length,
    fullPasses: trace.passes.filter(({ isFull }) => isFull).length,
    flops: sum(kinds.map(({ flops }) => flops)),
    partialShare,
    ms,
    tokensPerSecond: (1000 * genLength) / ms,
    rows,
    atMost: rows === 'counted' && !trace.exactPasses,
  };
}

function kindOf({ isFull }: WatchedPass): PassKind {
  return isFull ? 'full' : 'partial';
}

/** Operations of timed partial passes over those that were counted for them; 1 for a method without. */
function shareOfCounted(
  counted: readonly WatchedPass[],
  timed: readonly WatchedPass[],
  rounds: number,
): number {
  const each = Math.round(timed.length / rounds);
  const same = counted.filter(({ isFull }) => !isFull).slice(0, each);
  if (same.length === 0 || timed.length === 0) return 1;
  return mean(timed.map(({ flops }) => flops)) / mean(same.map(({ flops }) => flops));
}
