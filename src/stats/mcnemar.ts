import { incompleteBeta, logGamma } from './special.js';

/**
 * McNemar's exact test on paired yes/no results: the two-sided binomial probability that the discordant pairs
 * split at least as unevenly by chance.
 *
 * @param onlyFirst Pairs that only the first method got right.
 * @param onlySecond Pairs that only the second method got right.
 * @returns p; 1 if no pair is discordant.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const discordant = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  if (2 * fewer === discordant) return 1;
  // P(X <= k) of a binomial with n trials and p = 1/2 is I_{1/2}(n - k, k + 1).
  return Math.min(1, 2 * incompleteBeta(0.5, discordant - fewer, fewer + 1));
}

/**
 * McNemar's mid-p test: as the exact one, but of the observed split and its mirror image half the probability
 * counts. It is less conservative with few discordant pairs, and may exceed its level a little (Fagerland,
 * Lydersen and Laake 2013).
 */
export function mcnemarMidP(onlyFirst: number, onlySecond: number): number {
  const discordant = onlyFirst + onlySecond;
  if (onlyFirst === onlySecond) return 1;
  const logObserved =
    logGamma(discordant + 1) - logGamma(onlyFirst + 1) - logGamma(onlySecond + 1) - discordant * Math.LN2;
  return mcnemarExact(onlyFirst, onlySecond) - Math.exp(logObserved);
}
