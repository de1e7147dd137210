import { groupBy } from '../../group-by.js';
import { sum } from '../../stats/summary.js';
import { costOf, fitPassCost } from '../passes/pass-cost.js';
import { byPassKind } from '../passes/pass-kinds.js';
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
  readonly ms: number;
  readonly tokensPerSecond: number;
  /** Whether fewer passes may do, so that the time is an upper bound. */
  readonly atMost: boolean;
}

/**
 * The time of a generation whose passes are known by their rows: each kind of pass at the cost that passes of its kind
 * were timed at, by their operations.
 *
 * @param trace All passes of a sample, with the rows that each computes.
 * @param timed At least one pass.
 */
export function composeGeneration(
  trace: WatchedSample,
  timed: readonly WatchedPass[],
  genLength: number,
): ComposedGeneration {
  const known = groupBy(timed, ({ isFull }) => String(isFull));
  const kinds = byPassKind(trace.passes, ({ isFull }) => isFull);
  const ms = sum(
    kinds.map(([kind, passes]) => {
      const cost = fitPassCost(known.get(String(kind === 'full')) ?? timed);
      return costOf(cost, passes.length, sum(passes.map(({ flops }) => flops)));
    }),
  );
  return {
    nfe: trace.nfe ?? trace.passes.length,
    passes: trace.passes.length,
    fullPasses: trace.passes.filter(({ isFull }) => isFull).length,
    flops: sum(trace.passes.map(({ flops }) => flops)),
    ms,
    tokensPerSecond: (1000 * genLength) / ms,
    atMost: !trace.exactPasses,
  };
}
