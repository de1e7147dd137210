import { type BootstrapOptions, resampled, type Statistic } from './bootstrap.js';
import { normalCdf, normalQuantile } from './normal.js';
import type { Rng } from './rng.js';
import type { Interval } from './student.js';
import { mean, quantile, sum } from './summary.js';

/**
 * Bias-corrected and accelerated bootstrap interval (Efron, Better bootstrap confidence intervals, 1987) of a
 * statistic over samples: the percentile interval, moved by the bias of the resampled values and by how fast
 * their spread changes with the statistic. The latter comes from leaving out one sample at a time, so
 * `statistic` must take `count` - 1 indices too. Undefined for fewer than two samples.
 */
export function bcaInterval(
  count: number,
  statistic: Statistic,
  rng: Rng,
  { resamples = 2000, confidence = 0.95 }: BootstrapOptions = {},
): Interval | undefined {
  if (count < 2) return undefined;
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  const leftOut = Array.from(all, (i) => statistic(all.filter((j) => j !== i)));
  const values = resampled(count, statistic, rng, resamples);
  return bcaOfValues(values, statistic(all), leftOut, confidence);
}

/**
 * The BCa interval from what was computed already.
 *
 * @param values The statistic over resampled data sets.
 * @param estimate The statistic over the data.
 * @param leftOut The statistic without each sample.
 */
export function bcaOfValues(
  values: readonly number[],
  estimate: number,
  leftOut: readonly number[],
  confidence: number,
): Interval {
  const bias = biasCorrection(values, estimate);
  const acceleration = jackknifeAcceleration(leftOut);
  const level = (p: number): number => {
    const shifted = bias + normalQuantile(p);
    // Beyond its pole the map would turn around: the level is at its end there.
    const scale = Math.max(1 - acceleration * shifted, Number.MIN_VALUE);
    return normalCdf(bias + shifted / scale);
  };
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, level(tail)), high: quantile(values, level(1 - tail)) };
}

/** How far the median of the values is from the estimate, in standard deviations; ties count half. */
function biasCorrection(values: readonly number[], estimate: number): number {
  const below = sum(values.map((value) => (value < estimate ? 1 : value === estimate ? 0.5 : 0)));
  const half = 0.5 / values.length;
  return normalQuantile(Math.min(1 - half, Math.max(half, below / values.length)));
}

/** A sixth of the skewness of the jackknife influences; 0 if no sample has any. */
export function jackknifeAcceleration(leftOut: readonly number[]): number {
  const centre = mean(leftOut);
  const influences = leftOut.map((value) => centre - value);
  const squares = sum(influences.map((value) => value ** 2));
  return squares === 0 ? 0 : sum(influences.map((value) => value ** 3)) / (6 * squares ** 1.5);
}
