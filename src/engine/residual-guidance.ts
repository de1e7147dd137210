import type { Feeds } from './ort-session.js';
import { RowMemory } from './row-memory.js';
import { floatData, type Outputs } from './step-io.js';
import { bool, float32 } from './tensors.js';
import type { StepRequest, StepResult } from './types.js';

/**
 * Classifier-free guidance whose difference `z_c - z_u` is made anew only on some passes and kept in between
 * (dLLM-Cache's cache of the guidance residual): 4 * rows * vocab bytes.
 */
export class ResidualGuidance {
  readonly #vocab: number;
  readonly #unconditional: (request: StepRequest) => Promise<StepResult>;
  readonly #kept: RowMemory;

  /** @param unconditional Runs a pass of the unconditional stream, with logits. */
  constructor(vocab: number, unconditional: (request: StepRequest) => Promise<StepResult>) {
    this.#vocab = vocab;
    this.#unconditional = unconditional;
    this.#kept = new RowMemory(vocab);
  }

  /**
   * Inputs of the conditional pass: the unconditional logits of this pass, or the kept differences; and what an
   * unconditional pass gave.
   */
  async prepare(
    request: StepRequest,
    headRows: Int32Array,
  ): Promise<{ feeds: Feeds; result: StepResult | undefined }> {
    const { unconditionalPlan: plan, unconditionalTokens: tokens, pass } = request;
    const fresh = plan !== undefined;
    if (fresh && tokens === undefined) throw new Error('guidance without unconditional tokens');
    // A pass that predicts nothing has a stand-in row, for which no difference is kept.
    const predictsNothing = request.headRows.length === 0;
    const result = fresh ? await this.#unconditional({ tokens: tokens!, plan, headRows, pass }) : undefined;
    const rows =
      result?.logits ??
      (predictsNothing ? new Float32Array(headRows.length * this.#vocab) : this.#kept.gather(headRows));
    const feeds = {
      guidance_rows: float32(rows, [headRows.length, this.#vocab]),
      guidance_fresh: bool(Uint8Array.of(fresh ? 1 : 0), []),
    };
    return { feeds, result };
  }

  /** Keeps the differences of a refresh. */
  keep(request: StepRequest, headRows: Int32Array, out: Outputs): void {
    if (request.unconditionalPlan !== undefined) this.#kept.keep(headRows, floatData(out, 'residual'));
  }
}
