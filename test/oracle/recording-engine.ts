import { ForwardingEngine } from '../../src/engine/forwarding-engine.js';
import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../src/engine/types.js';

/** One pass as it went over the engine's interface. */
export interface RecordedPass {
  readonly request: StepRequest;
  readonly result: StepResult;
}

/** Passes everything on to a real engine and keeps what went by; can ask for logits on top. */
export class RecordingEngine extends ForwardingEngine {
  readonly passes: RecordedPass[] = [];
  setup: SampleSetup | undefined;
  readonly #logits: boolean;

  constructor(engine: StepEngine, options: { logits?: boolean } = {}) {
    super(engine);
    this.#logits = options.logits ?? false;
  }

  override async begin(setup: SampleSetup): Promise<void> {
    this.passes.length = 0;
    this.setup = this.#logits ? { ...setup, spec: { ...setup.spec, logits: true } } : setup;
    await super.begin(this.setup);
  }

  override async step(request: StepRequest): Promise<StepResult> {
    // The canvas goes on changing the array that it lends.
    const kept = { ...request, tokens: request.tokens.slice() };
    const result = await super.step(request);
    this.passes.push({ request: kept, result });
    return result;
  }
}
