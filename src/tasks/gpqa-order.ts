import { createHash } from 'node:crypto';

/**
 * The order in which the four options of a GPQA record are shown: entry `k` is the index, into
 * [correct, incorrect 1, incorrect 2, incorrect 3], of the option with letter `k`.
 *
 * The harnesses shuffle with a process-wide generator, so that the order depends on what ran before. Here a
 * Fisher-Yates shuffle takes its draws from sha256(UTF-8 of the record id): for i = 3, 2, 1 the swap partner is
 * `digest[3 - i] mod (i + 1)`. The order then belongs to the record alone.
 */
export function gpqaOptionOrder(recordId: string): [number, number, number, number] {
  const digest = createHash('sha256').update(recordId, 'utf8').digest();
  const order: [number, number, number, number] = [0, 1, 2, 3];
  for (let i = 3; i >= 1; i--) {
    const j = digest[3 - i]! % (i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}
