import { z } from 'zod';
import { quotaOfPass } from '../quota.js';
import {
  type BlockView,
  byConfidence,
  eligible,
  type Predictions,
  type Selection,
  type UnmaskingRule,
} from '../rule.js';

export const modelScheduleOptions = z
  .strictObject({ rule: z.literal('model') })
  .describe(
    "The model's own schedule. LLaDA: the fixed quota; Dream: the timestep schedule of generation.dream (whole sequence), or Fast-dLLM's block sampler where the cache is Fast-dLLM's.",
  );

export const quotaOptions = z
  .strictObject({ rule: z.literal('quota') })
  .describe('A fixed number of tokens per pass, the most confident ones of the block first (LLaDA).');

/** LLaDA's fixed quota: `steps / blocks` passes a block, each unmasking its share of the block's masks. */
export class Quota implements UnmaskingRule {
  readonly needsShift = false;
  readonly headRows = 'eligible';
  readonly fixedSchedule = true;

  begin(): void {}

  revealsNothing(view: BlockView): boolean {
    return this.#quota(view) === 0;
  }

  select(predictions: Predictions, view: BlockView): Selection {
    return { chosen: byConfidence(predictions, eligible(predictions, view)).slice(0, this.#quota(view)) };
  }

  #quota({ masksAtStart, stepsPerBlock, passInBlock }: BlockView): number {
    return quotaOfPass(masksAtStart, stepsPerBlock, passInBlock);
  }
}
