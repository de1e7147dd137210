import type { Rng } from '../../stats/rng.js';

/**
 * A uniform sample of observations of some numbers each, without holding more than `capacity`: all of them as long as
 * they are few (Vitter's algorithm R).
 */
export class Reservoir {
  /** Observations that went by. */
  seen = 0;
  readonly #columns: number[][];
  readonly #capacity: number;
  readonly #rng: Rng;

  constructor(width: number, capacity: number, rng: Rng) {
    this.#columns = Array.from({ length: width }, () => []);
    this.#capacity = capacity;
    this.#rng = rng;
  }

  get size(): number {
    return this.#columns[0]!.length;
  }

  /** The kept values of one number, in an order that all numbers share. */
  column(index: number): readonly number[] {
    return this.#columns[index]!;
  }

  add(observation: readonly number[]): void {
    const at = this.seen < this.#capacity ? this.seen : this.#rng.below(this.seen + 1);
    this.seen++;
    if (at >= this.#capacity) return;
    for (const [i, value] of observation.entries()) this.#columns[i]![at] = value;
  }
}
