import { normalQuantile } from './normal.js';
import { invertIncreasing } from './special.js';

/** How sure a planned comparison is to be. */
export interface Design {
  /** Chance of calling equal methods different, both sides together; default 0.05. */
  readonly alpha?: number;
  /** Chance of finding what is there; default 0.8. */
  readonly power?: number;
}

/**
 * Samples that a paired comparison needs to find a difference of two accuracies (Connor 1987): with few
 * discordant pairs, few samples tell much. Infinity for no difference.
 *
 * @param discordantShare Of the samples that one method gets right and the other does not; at least the size
 *   of the difference.
 */
export function neededForDifference(
  difference: number,
  discordantShare: number,
  { alpha = 0.05, power = 0.8 }: Design = {},
): number {
  if (difference === 0) return Number.POSITIVE_INFINITY;
  const spread = Math.sqrt(Math.max(0, discordantShare - difference ** 2));
  const distance = z(1 - alpha / 2) * Math.sqrt(discordantShare) + z(power) * spread;
  return (distance / difference) ** 2;
}

/**
 * The smallest difference of two accuracies that `n` samples find with the power asked for: the minimum
 * detectable effect. Undefined if not even all discordant pairs going one way would be found.
 */
export function detectableDifference(
  n: number,
  discordantShare: number,
  design: Design = {},
): number | undefined {
  const samples = (difference: number): number => neededForDifference(difference, discordantShare, design);
  if (!(samples(discordantShare) <= n)) return undefined;
  return invertIncreasing((difference) => -samples(difference), -n, 0, discordantShare);
}

/**
 * Samples until the interval of a paired difference lies above -`margin`: until the method is shown to be no
 * more than that worse. Infinity if the supposed difference is outside itself.
 *
 * @param difference Supposed, method minus baseline.
 */
export function neededForNonInferiority(
  difference: number,
  discordantShare: number,
  margin: number,
  { alpha = 0.05, power = 0.8 }: Design = {},
): number {
  const room = difference + margin;
  if (room <= 0) return Number.POSITIVE_INFINITY;
  const variance = Math.max(0, discordantShare - difference ** 2);
  const byVariance = ((z(1 - alpha / 2) + z(power)) ** 2 * variance) / room ** 2;
  return Math.max(byVariance, neededWithoutDiscordance(margin, alpha));
}

/**
 * Samples until the interval of a paired difference lies within +-`margin`: until two methods are shown to be
 * as good as each other. Infinity if the supposed difference is outside itself.
 */
export function neededForEquivalence(
  difference: number,
  discordantShare: number,
  margin: number,
  { alpha = 0.05, power = 0.8 }: Design = {},
): number {
  // Both sides have to hold; near the middle each may fail.
  const eachSide = (1 + power) / 2;
  return neededForNonInferiority(-Math.abs(difference), discordantShare, margin, { alpha, power: eachSide });
}

/** Where Tango's interval without any discordant pair, z^2 / (n + z^2) each way, reaches the margin. */
function neededWithoutDiscordance(margin: number, alpha: number): number {
  return (z(1 - alpha / 2) ** 2 * (1 - margin)) / margin;
}

function z(p: number): number {
  return normalQuantile(p);
}
