import {
  type BlockView,
  byConfidence,
  type Predictions,
  type Selection,
  type UnmaskingRule,
} from '../rule.js';
import type { ThresholdOptions } from './threshold.js';

/**
 * Fast-dLLM's parallel decoding for Dream without a cache (`confidence_threshold`): no blocks; each pass looks at
 * the `masks / steps` (or `tokensPerStep`) most confident positions and those held back before, reveals the best one and all that
 * reach tau, and carries the rest over. After the last step it goes on with what was held back.
 */
export class DreamThreshold implements UnmaskingRule {
  readonly needsShift = false;
  readonly headRows = 'masked';
  readonly fixedSchedule = false;
  readonly wholeSequence = true;
  readonly #tau: number;
  readonly #tokensPerStep: number | undefined;
  #heldBack = 0;

  constructor({ tau, tokensPerStep }: ThresholdOptions) {
    this.#tau = tau;
    this.#tokensPerStep = tokensPerStep;
  }

  begin(): void {
    this.#heldBack = 0;
  }

  select(predictions: Predictions, { passInBlock, stepsPerBlock, masksAtStart }: BlockView): Selection {
    const given = this.#tokensPerStep;
    const steps = given === undefined ? stepsPerBlock : Math.floor(masksAtStart / given);
    const share = passInBlock < steps ? (given ?? Math.floor(masksAtStart / steps)) : 0;
    const budget = share + this.#heldBack;
    const all = Array.from(predictions.positions.keys());
    const best = byConfidence(predictions, all).slice(0, budget);
    const chosen = best.filter((i, rank) => rank === 0 || predictions.confidence[i]! >= this.#tau);
    this.#heldBack = best.length - chosen.length;
    return { chosen, threshold: this.#tau };
  }
}
