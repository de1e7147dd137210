import { createHash } from 'node:crypto';

/**
 * The order in which a GPQA record's options are shown: a Fisher-Yates shuffle of
 * [correct, incorrect 1, incorrect 2, incorrect 3], driven by the SHA-256 of the record id (UTF-8).
 * For i = 3, 2, 1 the swap partner is `digest[3 - i] mod (i + 1)`.
 *
 * @returns four indices; place p of the shown list holds option `order[p]`, and 0 is the correct one.
 */
export function gpqaOrder(recordId: string): number[] {
  const digest = createHash('sha256').update(recordId, 'utf8').digest();
  const order = [0, 1, 2, 3];
  for (let i = 3; i > 0; i -= 1) {
    const j = (digest[3 - i] ?? 0) % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
