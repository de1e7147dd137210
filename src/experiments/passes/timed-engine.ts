import { RowCounter, type RowCounts } from '../../decoding/rows.js';
import { ForwardingEngine } from '../../engine/forwarding-engine.js';
import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../engine/types.js';
import { specKey } from '../../graph/spec.js';
import type { Clock } from '../../measure/clock.js';

/** Wall time of one pass of the denoising loop. */
export interface PassTime {
  /** From the answer of the pass before to the answer of this one. */
  readonly totalMs: number;
  /** Of it, inside the session's `run`. */
  readonly runMs: number;
  /**
   * Rows of the first stream that the method computes, summed over the layers; those of which only V is computed are not
   * among them.
   */
  readonly layerRows: number;
  /** The same of the second stream of guidance; 0 without one. */
  readonly unconditionalRows: number;
  /** Rows that were computed, without those that the engine left out. */
  readonly rows: RowCounts;
}

/** Tells what each pass of the loop around an engine took. */
export class TimedEngine extends ForwardingEngine {
  /** Names the graph that runs. */
  graph = '';
  /** What the start of the sample took. */
  beginMs = 0;
  readonly #clock: Clock;
  readonly #onPass: (pass: PassTime) => void;
  #guidance = false;
  #runMs = 0;
  #answered = 0;

  constructor(engine: StepEngine, clock: Clock, onPass: (pass: PassTime) => void) {
    super(engine);
    this.#clock = clock;
    this.#onPass = onPass;
  }

  override async begin(setup: SampleSetup): Promise<void> {
    const started = this.#clock();
    await super.begin(setup);
    this.beginMs = this.#clock() - started;
    this.graph = specKey(setup.spec);
    this.#guidance = setup.spec.guidance;
    this.#runMs = await this.runMs();
    this.#answered = this.#clock();
  }

  override async step(request: StepRequest): Promise<StepResult> {
    const result = await super.step(request);
    const totalMs = this.#clock() - this.#answered;
    const runMs = await this.runMs();
    const counted = new RowCounter(request.tokens.length, this.layers);
    counted.add(request, result, this.#guidance);
    const { layerRows, unconditional } = counted.nominal();
    this.#onPass({
      ...{ totalMs, runMs: runMs - this.#runMs, layerRows, rows: counted.executed() },
      unconditionalRows: unconditional?.layerRows ?? 0,
    });
    this.#runMs = runMs;
    // The question above is not the loop's.
    this.#answered = this.#clock();
    return result;
  }
}
