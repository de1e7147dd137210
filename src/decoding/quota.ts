/**
 * Tokens to unmask in each of `steps` passes over `masks` masked positions: `floor(masks / steps)`, and one
 * more in the first `masks mod steps` passes (LLaDA's `get_num_transfer_tokens`).
 */
export function transferQuota(masks: number, steps: number): number[] {
  const base = Math.floor(masks / steps);
  const extra = masks % steps;
  return Array.from({ length: steps }, (_, i) => base + (i < extra ? 1 : 0));
}
