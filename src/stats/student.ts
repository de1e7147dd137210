import { incompleteBeta, invertIncreasing } from './special.js';
import { mean, standardDeviation } from './summary.js';

/** An estimate with the bounds of its confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** P(T <= t) of Student's t distribution. */
export function studentCdf(t: number, degreesOfFreedom: number): number {
  const tail = incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The `p` quantile of Student's t distribution, 0 < p < 1. */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, degreesOfFreedom);
  let high = 1;
  while (studentCdf(high, degreesOfFreedom) < p) high *= 2;
  return invertIncreasing((t) => studentCdf(t, degreesOfFreedom), p, 0, high);
}

/**
 * Student's interval of the mean of repeated measurements, or undefined for fewer than two.
 *
 * @param confidence Default 0.95.
 */
export function meanInterval(values: readonly number[], confidence = 0.95): Interval | undefined {
  if (values.length < 2) return undefined;
  const t = studentQuantile((1 + confidence) / 2, values.length - 1);
  const margin = (t * standardDeviation(values)) / Math.sqrt(values.length);
  const centre = mean(values);
  return { low: centre - margin, high: centre + margin };
}
