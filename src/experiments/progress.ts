/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly kind: 'warm-up'; readonly method: string; readonly index: number; readonly of: number }
  | {
      readonly kind: 'resumed';
      readonly done: number;
      readonly total: number;
      readonly repairedBytes: number;
    }
  | {
      readonly kind: 'sample';
      readonly benchmark: string;
      readonly method: string;
      readonly done: number;
      readonly total: number;
      /** Estimated milliseconds until the end; undefined while nothing has been measured. */
      readonly remainingMs: number | undefined;
      readonly error: string | null;
    };

/** Estimates what is left from the mean duration of the finished samples of each cell. */
export class Eta {
  readonly #durations = new Map<string, { total: number; count: number }>();

  add(cell: string, elapsedMs: number): void {
    const sum = this.#durations.get(cell) ?? { total: 0, count: 0 };
    this.#durations.set(cell, { total: sum.total + elapsedMs, count: sum.count + 1 });
  }

  /** @param left Samples still to do, by cell; cells without a measurement take the mean of all. */
  remainingMs(left: ReadonlyMap<string, number>): number | undefined {
    const measured = [...this.#durations.values()];
    const count = measured.reduce((n, d) => n + d.count, 0);
    if (count === 0) return undefined;
    const overall = measured.reduce((ms, d) => ms + d.total, 0) / count;
    let remaining = 0;
    for (const [cell, samples] of left) {
      const own = this.#durations.get(cell);
      remaining += samples * (own === undefined ? overall : own.total / own.count);
    }
    return remaining;
  }
}
