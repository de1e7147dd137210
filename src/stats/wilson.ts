import type { Interval } from './student.js';

/** The 97.5 % point of the standard normal distribution. */
const z = 1.959963984540054;

/**
 * Wilson's score interval of a share at 95 % confidence (Wilson 1927): it stays inside [0, 1] and keeps its
 * coverage near both ends. [0, 1] for no trials.
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const margin = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: successes === 0 ? 0 : centre - margin,
    high: successes === trials ? 1 : centre + margin,
  };
}
