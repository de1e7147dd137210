import type { Rng } from '../../src/stats/rng.js';

/** Options of a random case: where a list stands, one of its values is drawn. */
export type Choices = Readonly<Record<string, unknown>>;

export function pick<T>(items: readonly T[], rng: Rng): T {
  return items[rng.below(items.length)]!;
}

/** One value for every option. */
export function draw(choices: Choices, rng: Rng): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(choices).map(([name, value]) => [name, Array.isArray(value) ? pick(value, rng) : value]),
  );
}
