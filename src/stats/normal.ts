import { invertIncreasing } from './special.js';

/** P(Z <= x) of the standard normal distribution, to about 1e-12 of its value, in the lower tail too. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const distance = Math.abs(x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (distance < 3) {
    // P(0 < Z < x) = density * (x + x^3/3 + x^5/(3*5) + ...), Abramowitz and Stegun 26.2.11.
    let term = distance;
    let series = distance;
    for (let k = 3; term > series * 1e-17; k += 2) {
      term *= (distance * distance) / k;
      series += term;
    }
    return x < 0 ? 0.5 - density * series : 0.5 + density * series;
  }
  // P(Z > x) = density / (x + 1/(x + 2/(x + 3/(x + ...)))), 26.2.14.
  let fraction = distance;
  for (let k = 200; k >= 1; k--) fraction = distance + k / fraction;
  const tail = density / fraction;
  return x < 0 ? tail : 1 - tail;
}

/** The `p` quantile of the standard normal distribution; -Infinity at 0 and Infinity at 1. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  return invertIncreasing(normalCdf, p, -39, 0);
}
