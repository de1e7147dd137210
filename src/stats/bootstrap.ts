import type { Rng } from './rng.js';
import type { Interval } from './student.js';
import { quantile } from './summary.js';

/** A statistic of the samples with the given indices; one may stand there several times. */
export type Statistic = (indices: Uint32Array) => number;

export interface BootstrapOptions {
  /** Default 2000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/**
 * The statistic over data sets of `count` samples drawn with replacement. What belongs to one sample stays
 * together, so a ratio of two methods over the same samples is a paired comparison.
 *
 * @param rng Seeded, so that a table can be made twice.
 */
export function resampled(count: number, statistic: Statistic, rng: Rng, resamples: number): number[] {
  const indices = new Uint32Array(count);
  return Array.from({ length: resamples }, () => {
    for (let i = 0; i < count; i++) indices[i] = rng.below(count);
    return statistic(indices);
  });
}

/**
 * Percentile bootstrap interval (Efron 1979) of a statistic over samples; see `resampled`. Undefined for fewer
 * than two samples.
 */
export function bootstrapInterval(
  count: number,
  statistic: Statistic,
  rng: Rng,
  { resamples = 2000, confidence = 0.95 }: BootstrapOptions = {},
): Interval | undefined {
  if (count < 2) return undefined;
  const values = resampled(count, statistic, rng, resamples);
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}
