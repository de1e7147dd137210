import { z } from 'zod';
import {
  atLeast,
  type BlockView,
  eligible,
  type Predictions,
  type Selection,
  type UnmaskingRule,
} from '../rule.js';

export const thresholdOptions = z
  .strictObject({
    rule: z.literal('threshold'),
    tau: z.number().min(0).max(1).default(0.9).meta({
      description: 'Confidence from which a token is revealed.',
      unit: 'probability',
      source: "Fast-dLLM paper, Algorithm 1 (0.5 to 1.0 explored); Fast-dLLM's scripts: 0.9.",
    }),
    tokensPerStep: z.number().int().min(1).optional().meta({
      description:
        'Dream without the cache of Fast-dLLM: positions that a step may newly look at, the most confident ones first. Not set: genLength / steps. LLaDA does not read it.',
      unit: 'tokens',
      source:
        "Fast-dLLM's Dream sampler: genLength / steps; its scripts give steps = genLength / 32, that is 32. As an option of its own: ours.",
    }),
  })
  .describe(
    'Reveal every masked token of the block whose confidence is at least tau, and always the best one.',
  );

export type ThresholdOptions = z.output<typeof thresholdOptions>;

/** Fast-dLLM's parallel decoding: rejects iff confidence < tau (paper 2505.22618, Algorithm 1; June 2025 code). */
export class Threshold implements UnmaskingRule {
  readonly needsShift = false;
  readonly headRows = 'eligible';
  readonly fixedSchedule = false;
  readonly #tau: number;

  constructor({ tau }: ThresholdOptions) {
    this.#tau = tau;
  }

  begin(): void {}

  select(predictions: Predictions, view: BlockView): Selection {
    return {
      chosen: atLeast(predictions, eligible(predictions, view), () => this.#tau),
      threshold: this.#tau,
    };
  }
}
