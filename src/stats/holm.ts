/**
 * P-values of a family of tests, adjusted by Holm's step-down method (Holm 1979): those below 0.05 may be called
 * significant, with a chance of at most 5 % of any false call in the family, however the tests depend on each
 * other. In the order given.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
