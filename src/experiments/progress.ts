import type { Device } from '../engine/device.js';
import type { LongCanvases } from '../results/manifest.js';
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
      readonly kind: 'workers';
      readonly wanted: number;
      /** As many as the memory or the device allows. */
      readonly workers: number;
      readonly device: Device;
    }
  /** Something about the data, in a sentence. */
  | { readonly kind: 'notice'; readonly text: string }
  | ({ readonly kind: 'long-canvases' } & LongCanvases)
  | {
      readonly kind: 'sample';
      /** Id of the cell. */
      readonly cell: string;
      readonly done: number;
      readonly total: number;
      /** Estimated milliseconds until the end; undefined while nothing has been measured. */
      readonly remainingMs: number | undefined;
      readonly cellDone: number;
      readonly cellTotal: number;
      readonly cellRemainingMs: number | undefined;
      readonly error: string | null;
    }
  | {
      readonly kind: 'round';
      /** Cells whose speed is not known well enough yet. */
      readonly pending: number;
      readonly cells: number;
      readonly round: number;
      readonly budgetLeftMs: number;
    }
  | {
      readonly kind: 'repeats-end';
      readonly model: string;
      /** Cells whose precision was not reached. */
      readonly imprecise: number;
      readonly cells: number;
      /** Repeats whose ids were not those of the first decoding. */
      readonly differing: number;
    }
  | {
      readonly kind: 'drift';
      readonly model: string;
      /** Slowest over fastest run of the same decoding, less one. */
      readonly spread: number;
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
