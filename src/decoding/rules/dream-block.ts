import {
  atLeast,
  type BlockView,
  eligible,
  type Predictions,
  type Selection,
  type UnmaskingRule,
} from '../rule.js';
import { timesteps, transferCount, transferShare } from '../timesteps.js';
import { dreamConfidence, highest } from './dream-schedule.js';

/**
 * Fast-dLLM's block sampler for Dream with a cache. The pass at block start reveals the block's first position
 * and nothing else, without asking for confidence, because the row that predicts it will be in the prefix.
 * Then either a threshold, or the time grid of the block from its second interval on, ranked by entropy.
 */
export class DreamBlock implements UnmaskingRule {
  readonly needsShift = false;
  readonly needsEntropy: boolean;
  readonly headRows = 'eligible';
  readonly fixedSchedule: boolean;
  readonly #tau: number | undefined;
  readonly #eps: number;

  constructor({ tau, eps }: { readonly tau: number | undefined; readonly eps: number }) {
    this.#tau = tau;
    this.#eps = eps;
    this.needsEntropy = tau === undefined;
    this.fixedSchedule = tau === undefined;
  }

  begin(): void {}

  select(predictions: Predictions, view: BlockView): Selection {
    const { passInBlock, stepsPerBlock, block } = view;
    const open = eligible(predictions, view);
    if (passInBlock === 0) return { chosen: open.filter((i) => predictions.positions[i] === block.start) };
    const tau = this.#tau;
    if (tau !== undefined) return { chosen: atLeast(predictions, open, () => tau), threshold: tau };
    if (passInBlock === stepsPerBlock - 1) return { chosen: open };
    const share = transferShare(timesteps(stepsPerBlock, this.#eps), passInBlock);
    const scores = dreamConfidence(predictions, 'entropy');
    return { chosen: highest(scores, open).slice(0, transferCount(open.length, share)) };
  }
}
