import { ForwardingEngine } from '../../engine/forwarding-engine.js';
import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../engine/types.js';
import type { ProbeKind } from '../../graph/spec.js';

/** One full pass as a study sees it; arrays are not changed afterwards. */
export interface ObservedPass {
  /** 0-based in its sample. */
  readonly step: number;
  /** `[length]` canvas before the pass. */
  readonly tokens: Int32Array;
  /** Rows that were predicted. */
  readonly headRows: Int32Array;
  readonly result: StepResult;
}

/** Asks the engine for layer tensors and shows every pass to a study; decoding itself notices nothing. */
export class ObservedEngine extends ForwardingEngine {
  readonly #probe: readonly ProbeKind[];
  readonly #onPass: (pass: ObservedPass) => void;

  constructor(engine: StepEngine, probe: readonly ProbeKind[], onPass: (pass: ObservedPass) => void) {
    super(engine);
    this.#probe = probe;
    this.#onPass = onPass;
  }

  override begin(setup: SampleSetup): Promise<void> {
    return super.begin({ ...setup, spec: { ...setup.spec, probe: this.#probe } });
  }

  override async step(request: StepRequest): Promise<StepResult> {
    const result = await super.step(request);
    const { pass: step, tokens, headRows } = request;
    this.#onPass({ step, tokens: tokens.slice(), headRows, result });
    return result;
  }
}
