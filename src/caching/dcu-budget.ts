/** How the real-valued budgets of eq. 6 become row counts. */
export type BudgetRounding = 'floor' | 'round' | 'largest_remainder';

/**
 * Rows per layer (paper, eq. 6): `B_l = (layerBudget * layers) * s_l / sum_k s_k` with the layer means `s` of
 * the previous pass, rounded and limited to `0..maximum`. Uniform where there are no means yet or all are 0.
 */
export function layerBudgets(
  layerBudget: number,
  layers: number,
  means: ArrayLike<number> | undefined,
  rounding: BudgetRounding,
  maximum: number,
): Int32Array {
  const total = layerBudget * layers;
  const sum = means === undefined ? 0 : Array.from(means).reduce((a, b) => a + b, 0);
  const limit = (rows: number) => Math.min(Math.max(rows, 0), maximum);
  if (means === undefined || sum === 0) return new Int32Array(layers).fill(limit(layerBudget));

  const exact = Array.from({ length: layers }, (_, l) => (total * means[l]!) / sum);
  if (rounding === 'round') return Int32Array.from(exact, (b) => limit(Math.floor(b + 0.5)));
  const budgets = exact.map(Math.floor);
  if (rounding === 'largest_remainder') {
    const left = total - budgets.reduce((a, b) => a + b, 0);
    const byRemainder = exact
      .map((b, l) => ({ l, remainder: b - Math.floor(b) }))
      .sort((a, b) => b.remainder - a.remainder || a.l - b.l);
    for (const { l } of byRemainder.slice(0, Math.max(0, left))) budgets[l]! += 1;
  }
  return Int32Array.from(budgets, limit);
}
