import { sum } from '../stats/summary.js';
import { promptIds } from './loaded-model.js';
import { type WatchedPass, watchPasses } from './passes/watched-passes.js';
import type { PlannedGroup, PlannedSample } from './plan.js';
import { lengthFault } from './prompt-fit.js';
import type { SampleContext } from './run-sample.js';

/** Above this share the machine was not the same from beginning to end. */
export const driftLimit = 0.1;

/** Decodings of one reading; the fastest counts, since other work can only slow one down. */
const decodings = 3;

/** A decoding of the canary is left after the pass in which this time is over: of a large model a whole one takes hours. */
const enoughMs = 1000;

/**
 * The first passes of one decoding that is repeated through the run, the baseline on the first sample that fits: nothing
 * of the method changes between readings, so what changes is the machine.
 */
export class Canary {
  readonly #samples: readonly PlannedSample[];
  readonly #readings: number[] = [];
  /** The first that fits, once it was looked for. */
  #planned: PlannedSample | undefined;
  /** Passes of a decoding; as many as the first one needed. */
  #passes: number | undefined;

  constructor(groups: readonly PlannedGroup[]) {
    this.#samples = groups.flatMap((group) => {
      const cell = group.cells.find(({ id, baseline }) => id === baseline);
      return cell === undefined ? [] : group.samples.map((sample) => ({ group, cell, sample }));
    });
  }

  /** Milliseconds of each reading. */
  get readings(): readonly number[] {
    return this.#readings;
  }

  async read(context: SampleContext): Promise<void> {
    this.#planned ??= firstFitting(this.#samples, context);
    if (this.#planned === undefined) return;
    const ids = promptIds(context.model, this.#planned.sample.parts, this.#planned.group.task.spec);
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < decodings; i++)
      fastestMs = Math.min(fastestMs, await this.#decode(ids, this.#planned, context));
    this.#readings.push(fastestMs);
  }

  async #decode(
    ids: Int32Array,
    { cell }: PlannedSample,
    { model, clock, savings, signal }: SampleContext,
  ): Promise<number> {
    const elapsedMs = (passes: readonly WatchedPass[]) => sum(passes.map(({ totalMs }) => totalMs));
    const { passes } = await watchPasses(
      model.engine,
      model.checkpoint.dimensions,
      {
        promptIds: ids,
        ...{ method: cell.method, generation: cell.generation, savings },
        isEnough: (done) =>
          this.#passes === undefined ? elapsedMs(done) >= enoughMs : done.length >= this.#passes,
      },
      clock,
      signal,
    );
    this.#passes ??= passes.length;
    return elapsedMs(passes);
  }
}

/** The first sample whose prompt and response the model holds. */
export function firstFitting(
  samples: readonly PlannedSample[],
  { model, device }: Pick<SampleContext, 'model' | 'device'>,
): PlannedSample | undefined {
  return samples.find(({ group, cell, sample }) => {
    const { length } = promptIds(model, sample.parts, group.task.spec);
    return lengthFault(length, cell.generation, model.checkpoint.dimensions, device) === undefined;
  });
}

/** Slowest over fastest, less one; 0 below two readings. */
export function drift(readings: readonly number[]): number {
  return readings.length < 2 ? 0 : Math.max(...readings) / Math.max(Math.min(...readings), 1e-3) - 1;
}
