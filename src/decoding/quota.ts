/**
 * Tokens to unmask in a pass of `steps` over `masks` masked positions: `floor(masks / steps)`, and one
 * more in the first `masks mod steps` passes (LLaDA's `get_num_transfer_tokens`).
 */
export function quotaOfPass(masks: number, steps: number, pass: number): number {
  if (pass >= steps) return 0;
  return Math.floor(masks / steps) + (pass < masks % steps ? 1 : 0);
}

/** `quotaOfPass` of all passes. */
export function transferQuota(masks: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, pass) => quotaOfPass(masks, steps, pass));
}
