import type { Rng } from './rng.js';
import type { Interval } from './student.js';
import { quantile } from './summary.js';

/**
 * Percentile bootstrap interval (Efron 1979) of a statistic over samples: `count` samples are drawn with
 * replacement, and `statistic` sees their indices. What belongs to one sample stays together, so a ratio of
 * two methods over the same samples is a paired comparison. Undefined for fewer than two samples.
 *
 * @param rng Seeded, so that a table can be made twice.
 * @param options.resamples Default 2000.
 * @param options.confidence Default 0.95.
 */
export function bootstrapInterval(
  count: number,
  statistic: (indices: Uint32Array) => number,
  rng: Rng,
  { resamples = 2000, confidence = 0.95 } = {},
): Interval | undefined {
  if (count < 2) return undefined;
  const indices = new Uint32Array(count);
  const values = Array.from({ length: resamples }, () => {
    for (let i = 0; i < count; i++) indices[i] = rng.below(count);
    return statistic(indices);
  });
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}
