import type { AdaptivePlan } from '../../src/engine/types.js';

/** Rounding of float32 distances against float64 ones. */
const distanceTolerance = 1e-5;

/**
 * What is wrong with the rows that a layer chose, given the true distances `[length]`: every mandatory row must
 * be there, and beside them the `budget` candidates that moved most. Undefined if nothing is wrong.
 */
export function selectionFault(
  plan: AdaptivePlan,
  layer: number,
  rows: ArrayLike<number>,
  distances: readonly number[],
): string | undefined {
  const { length } = distances;
  const chosen = Array.from(rows);
  const mandatory = (i: number) => plan.mandatory[layer * length + i] === 1;
  const budget = plan.budgets[layer]!;
  if (chosen.some((row, i) => i > 0 && row <= chosen[i - 1]!)) return `layer ${layer}: rows not ascending`;
  const missing = distances.findIndex((_, i) => mandatory(i) && !chosen.includes(i));
  if (missing >= 0) return `layer ${layer}: mandatory row ${missing} was not computed`;
  const stray = chosen.find((i) => !mandatory(i) && plan.candidates[i] !== 1);
  if (stray !== undefined) return `layer ${layer}: row ${stray} is no candidate`;
  const byChoice = chosen.filter((i) => !mandatory(i)).length;
  if (byChoice > budget) return `layer ${layer}: ${byChoice} rows chosen, budget ${budget}`;
  if (budget === 0) return undefined;
  // A candidate that stayed out must not have moved more than any of the `budget` largest.
  const ranked = distances.filter((_, i) => plan.candidates[i] === 1).sort((a, b) => b - a);
  const bar = ranked[Math.min(budget, ranked.length) - 1]!;
  const tolerance = distanceTolerance * (1 + bar);
  const left = distances.findIndex(
    (d, i) => plan.candidates[i] === 1 && !chosen.includes(i) && d > bar + tolerance,
  );
  if (left >= 0) return `layer ${layer}: row ${left} moved ${distances[left]} and was left out (bar ${bar})`;
  const weak = chosen.find((i) => !mandatory(i) && distances[i]! < bar - tolerance);
  if (weak !== undefined) return `layer ${layer}: row ${weak} moved only ${distances[weak]} (bar ${bar})`;
  return undefined;
}
