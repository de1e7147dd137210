import { bcaInterval } from './bca.js';
import type { BootstrapOptions } from './bootstrap.js';
import type { Rng } from './rng.js';
import type { Interval } from './student.js';

/** A quantity of one sample under two methods. */
export interface Pair {
  readonly own: number;
  readonly baseline: number;
}

/**
 * BCa interval of the difference of two means over the same samples, method minus baseline: samples are drawn
 * with both their values. Undefined for fewer than two samples.
 */
export function meanDifferenceInterval(
  pairs: readonly Pair[],
  rng: Rng,
  options?: BootstrapOptions,
): Interval | undefined {
  return bcaInterval(
    pairs.length,
    (indices) => {
      let difference = 0;
      for (const i of indices) difference += pairs[i]!.own - pairs[i]!.baseline;
      return difference / indices.length;
    },
    rng,
    options,
  );
}

/**
 * BCa interval of the ratio of two means over the same samples, method by baseline. The baseline's values are
 * positive. Undefined for fewer than two samples.
 */
export function meanRatioInterval(
  pairs: readonly Pair[],
  rng: Rng,
  options?: BootstrapOptions,
): Interval | undefined {
  return bcaInterval(
    pairs.length,
    (indices) => {
      let own = 0;
      let baseline = 0;
      for (const i of indices) {
        own += pairs[i]!.own;
        baseline += pairs[i]!.baseline;
      }
      return own / baseline;
    },
    rng,
    options,
  );
}
