import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../engine/types.js';
import { monotonicClock } from '../../measure/clock.js';

/** Wall time of one pass of the denoising loop. */
export interface PassTime {
  /** From the answer of the pass before to the answer of this one. */
  readonly totalMs: number;
  /** Of it, inside the session's `run`. */
  readonly runMs: number;
  /** Rows computed, summed over the layers; those of which only V is computed are left out. */
  readonly layerRows: number;
  readonly headRows: number;
}

/** Passes everything on to an engine and keeps what each pass of the loop around it took. */
export class TimedEngine implements StepEngine {
  readonly passes: PassTime[] = [];
  readonly #engine: StepEngine;
  readonly #onPass: (passes: number) => void;
  #runMs = 0;
  #answered = 0;

  constructor(engine: StepEngine, onPass: (passes: number) => void) {
    this.#engine = engine;
    this.#onPass = onPass;
  }

  get device(): string {
    return this.#engine.device;
  }

  get facts(): StepEngine['facts'] {
    return this.#engine.facts;
  }

  get layers(): number {
    return this.#engine.layers;
  }

  async begin(setup: SampleSetup): Promise<void> {
    await this.#engine.begin(setup);
    this.#runMs = await this.#engine.runMs();
    this.#answered = monotonicClock();
  }

  async step(request: StepRequest): Promise<StepResult> {
    const result = await this.#engine.step(request);
    const totalMs = monotonicClock() - this.#answered;
    const runMs = await this.#engine.runMs();
    const { plan, headRows } = request;
    const layerRows =
      plan.kind === 'uniform'
        ? plan.rows.length * this.layers
        : result.layerRows!.reduce((sum, rows) => sum + rows.length, 0);
    this.passes.push({ totalMs, runMs: runMs - this.#runMs, layerRows, headRows: headRows.length });
    this.#onPass(this.passes.length);
    this.#runMs = runMs;
    // The question above is not the loop's.
    this.#answered = monotonicClock();
    return result;
  }

  memoryBytes(): Promise<number> {
    return this.#engine.memoryBytes();
  }

  runMs(): Promise<number> {
    return this.#engine.runMs();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
