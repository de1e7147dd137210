import { ForwardingEngine } from '../../engine/forwarding-engine.js';
import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';

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

/** Keeps what each pass of the loop around an engine took. */
export class TimedEngine extends ForwardingEngine {
  readonly passes: PassTime[] = [];
  readonly #clock: Clock;
  readonly #onPass: (passes: number) => void;
  #runMs = 0;
  #answered = 0;

  constructor(engine: StepEngine, clock: Clock, onPass: (passes: number) => void) {
    super(engine);
    this.#clock = clock;
    this.#onPass = onPass;
  }

  override async begin(setup: SampleSetup): Promise<void> {
    await super.begin(setup);
    this.#runMs = await this.runMs();
    this.#answered = this.#clock();
  }

  override async step(request: StepRequest): Promise<StepResult> {
    const result = await super.step(request);
    const totalMs = this.#clock() - this.#answered;
    const runMs = await this.runMs();
    const { plan, headRows } = request;
    const layerRows =
      plan.kind === 'uniform'
        ? plan.rows.length * this.layers
        : result.layerRows!.reduce((sum, rows) => sum + rows.length, 0);
    this.passes.push({ totalMs, runMs: runMs - this.#runMs, layerRows, headRows: headRows.length });
    this.#onPass(this.passes.length);
    this.#runMs = runMs;
    // The question above is not the loop's.
    this.#answered = this.#clock();
    return result;
  }
}
