import { DecodingError } from '../decoding/errors.js';
import type { PlannedGroup, PlannedSample } from './plan.js';
import { type SampleContext, timeSample } from './run-sample.js';

/** Above this share the machine was not the same from beginning to end. */
export const driftLimit = 0.1;

/** Decodings of one reading; the fastest counts, since other work can only slow one down. */
const decodings = 3;

/**
 * One decoding that is repeated through the run, the baseline on its first sample: nothing of the method changes
 * between readings, so what changes is the machine.
 */
export class Canary {
  readonly #planned: PlannedSample | undefined;
  readonly #readings: number[] = [];

  constructor(groups: readonly PlannedGroup[]) {
    const group = groups.find(({ samples }) => samples.length > 0);
    const cell = group?.cells.find(({ id, baseline }) => id === baseline);
    if (group !== undefined && cell !== undefined) this.#planned = { group, cell, sample: group.samples[0]! };
  }

  /** Milliseconds of each reading. */
  get readings(): readonly number[] {
    return this.#readings;
  }

  async read(context: SampleContext): Promise<void> {
    if (this.#planned === undefined) return;
    let fastest = Number.POSITIVE_INFINITY;
    try {
      for (let i = 0; i < decodings; i++) {
        fastest = Math.min(fastest, (await timeSample(this.#planned, context)).denoiseMs);
      }
    } catch (error) {
      // A sample that cannot be decoded is told of in its own row; it only makes no canary.
      if (!(error instanceof DecodingError)) throw error;
      return;
    }
    this.#readings.push(fastest);
  }
}

/** Slowest over fastest, less one; 0 below two readings. */
export function drift(readings: readonly number[]): number {
  return readings.length < 2 ? 0 : Math.max(...readings) / Math.max(Math.min(...readings), 1e-3) - 1;
}
