import type { Commit } from '../caching/policy.js';
import { DecodingError } from './errors.js';

/** The token sequence under denoising: the prompt, then masks that become tokens and never change again. */
export class Canvas {
  /** `[promptLength + genLength]`; owned by the canvas. */
  readonly tokens: Int32Array;
  readonly promptLength: number;
  readonly #maskId: number;

  constructor(promptIds: Int32Array, genLength: number, maskId: number) {
    this.promptLength = promptIds.length;
    this.#maskId = maskId;
    this.tokens = new Int32Array(promptIds.length + genLength).fill(maskId);
    this.tokens.set(promptIds);
  }

  get length(): number {
    return this.tokens.length;
  }

  /** Masked response positions in `[from, to)`, ascending. */
  masked(from: number, to: number): Int32Array {
    const positions: number[] = [];
    for (let i = Math.max(from, this.promptLength); i < to; i++) {
      if (this.tokens[i] === this.#maskId) positions.push(i);
    }
    return Int32Array.from(positions);
  }

  /** The unconditional stream of classifier-free guidance: every prompt token masked. */
  withoutPrompt(): Int32Array {
    return this.tokens.slice().fill(this.#maskId, 0, this.promptLength);
  }

  commit(committed: readonly Commit[]): void {
    for (const { position, id } of committed) {
      if (this.tokens[position] !== this.#maskId) throw new Error(`position ${position} is already unmasked`);
      this.tokens[position] = id;
    }
  }

  /**
   * Stops a block whose passes reveal nothing: the published loops would go on for ever if the model keeps
   * predicting the mask token.
   * @throws DecodingError `MASK_PREDICTED`
   */
  refuseStall(stalledPasses: number, limit: number, block: { start: number; end: number }): void {
    if (stalledPasses <= limit) return;
    throw new DecodingError(
      'MASK_PREDICTED',
      `the model predicts the mask token for every open position of block ${block.start}..${block.end - 1}`,
    );
  }

  /** @throws DecodingError `MASK_PREDICTED` if a mask is left. */
  refuseMasks(): void {
    const left = this.masked(0, this.length);
    if (left.length === 0) return;
    throw new DecodingError(
      'MASK_PREDICTED',
      `${left.length} positions stayed masked (first: ${left[0]}) because the model predicted the mask token there`,
    );
  }
}
