import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../src/engine/types.js';

/** One pass as it went over the engine's interface. */
export interface RecordedPass {
  readonly request: StepRequest;
  readonly result: StepResult;
}

/** Passes everything on to a real engine and keeps what went by; can ask for logits on top. */
export class RecordingEngine implements StepEngine {
  readonly passes: RecordedPass[] = [];
  setup: SampleSetup | undefined;
  readonly #engine: StepEngine;
  readonly #logits: boolean;

  constructor(engine: StepEngine, options: { logits?: boolean } = {}) {
    this.#engine = engine;
    this.#logits = options.logits ?? false;
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
    this.passes.length = 0;
    this.setup = this.#logits ? { ...setup, spec: { ...setup.spec, logits: true } } : setup;
    await this.#engine.begin(this.setup);
  }

  async step(request: StepRequest): Promise<StepResult> {
    // The canvas goes on changing the array that it lends.
    const kept = { ...request, tokens: request.tokens.slice() };
    const result = await this.#engine.step(request);
    this.passes.push({ request: kept, result });
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
