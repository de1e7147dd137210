import type { Feeds } from './ort-session.js';
import { RowMemory } from './row-memory.js';
import { floatData, type Outputs } from './step-io.js';
import { bool, float32 } from './tensors.js';
import type { StepRequest } from './types.js';

/**
 * Classifier-free guidance whose difference `z_c - z_u` is made anew only on some passes and kept in between
 * (dLLM-Cache's cache of the guidance residual): 4 * rows * vocab bytes.
 */
export class ResidualGuidance {
  readonly #vocab: number;
  readonly #unconditionalLogits: (request: StepRequest) => Promise<Float32Array>;
  readonly #kept: RowMemory;

  constructor(vocab: number, unconditionalLogits: (request: StepRequest) => Promise<Float32Array>) {
    this.#vocab = vocab;
    this.#unconditionalLogits = unconditionalLogits;
    this.#kept = new RowMemory(vocab);
  }

  /** Inputs of the conditional pass: the unconditional logits of this pass, or the kept differences. */
  async feeds(request: StepRequest, headRows: Int32Array): Promise<Feeds> {
    const { unconditionalPlan: plan, unconditionalTokens: tokens, pass } = request;
    const fresh = plan !== undefined;
    if (fresh && tokens === undefined) throw new Error('guidance without unconditional tokens');
    // A pass that predicts nothing has a stand-in row, for which no difference is kept.
    const predictsNothing = request.headRows.length === 0;
    const rows = fresh
      ? await this.#unconditionalLogits({ tokens: tokens!, plan, headRows, pass })
      : predictsNothing
        ? new Float32Array(headRows.length * this.#vocab)
        : this.#kept.gather(headRows);
    return {
      guidance_rows: float32(rows, [headRows.length, this.#vocab]),
      guidance_fresh: bool(Uint8Array.of(fresh ? 1 : 0), []),
    };
  }

  /** Keeps the differences of a refresh. */
  keep(request: StepRequest, headRows: Int32Array, out: Outputs): void {
    if (request.unconditionalPlan !== undefined) this.#kept.keep(headRows, floatData(out, 'residual'));
  }
}
