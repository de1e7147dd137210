import { UsageError } from '../../errors.js';

/**
 * Chance that at least one of k samples, drawn without replacement from n of which c pass, passes: the unbiased
 * estimator of Chen et al. 2021 (arXiv 2107.03374). It is 1 when fewer than k samples fail, else
 * 1 - prod over i = n-c+1..n of (1 - k/i). The mean over the problems is the benchmark's pass@k.
 *
 * @throws UsageError PASS_AT_K_COUNTS unless n, c and k are whole, 0 <= c <= n and 1 <= k <= n
 */
export function passAtK(n: number, c: number, k: number): number {
  if (![n, c, k].every(Number.isSafeInteger) || c < 0 || c > n || k < 1 || k > n) {
    throw new UsageError(
      'PASS_AT_K_COUNTS',
      `pass@${k} cannot be estimated from ${c} of ${n} samples that pass: give whole numbers with 1 <= k <= n ` +
        'and 0 <= passed <= n, so take more samples for each problem or a smaller k.',
    );
  }
  if (n - c < k) return 1;
  let allFail = 1;
  for (let i = n - c + 1; i <= n; i++) allFail *= 1 - k / i;
  return 1 - allFail;
}
