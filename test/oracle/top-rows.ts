import type { AdaptivePlan } from '../../src/engine/types.js';

/** Float32 rounding of unit vectors; a distance `d = |a - b|^2 / 2` is off by `sqrt(d)` times as much. */
const rounding = 1e-5;
/** Distances closer than this are equal in exact arithmetic. */
const equal = 1e-12;

/** Float64 cannot tell which rows a float32 engine chose. */
export class UndecidedError extends Error {}

/**
 * The rows of a layer, ascending: the mandatory ones and the `budgets[layer]` candidates of the largest distance,
 * equal ones by position.
 * @throws UndecidedError if rounding decides whether a row is inside or outside of the budget.
 */
export function topRows(plan: AdaptivePlan, layer: number, distances: readonly number[]): number[] {
  const { length } = distances;
  const budget = plan.budgets[layer]!;
  const further = (a: number, b: number) => {
    const gap = distances[b]! - distances[a]!;
    return Math.abs(gap) < equal ? a - b : gap;
  };
  const ranked = [...distances.keys()].filter((row) => plan.candidates[row] === 1).sort(further);
  const mandatory = (row: number) => plan.mandatory[layer * length + row] === 1;
  const [last, next] = [ranked[budget - 1], ranked[budget]];
  if (last !== undefined && next !== undefined && !(mandatory(last) && mandatory(next))) {
    const bar = distances[last]!;
    const gap = bar - distances[next]!;
    // Rows that did not move are equal in float32 too, as are equal tokens in the first layer.
    const tie = gap < equal && (bar < equal || layer === 0);
    if (!tie && gap < rounding * Math.sqrt(bar)) throw new UndecidedError();
  }
  const chosen = new Set(ranked.slice(0, budget));
  return [...distances.keys()].filter((row) => mandatory(row) || chosen.has(row));
}
