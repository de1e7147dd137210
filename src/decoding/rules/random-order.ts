import { z } from 'zod';
import { CounterRng } from '../../stats/rng.js';
import { transferQuota } from '../quota.js';
import type { BlockView, Predictions, RuleSample, Selection, UnmaskingRule } from '../rule.js';

export const randomOrderOptions = z
  .strictObject({ rule: z.literal('random-order') })
  .describe(
    "LLaDA's fixed quota in a random order that is drawn once when a block begins, so that the next positions are known beforehand.",
  );

/** The fixed quota in an order drawn at block start: what dKV-Cache-Greedy asks for (its LLaDA sampler). */
export class RandomOrder implements UnmaskingRule {
  readonly needsShift = false;
  readonly headRows = 'eligible';
  readonly fixedSchedule = true;
  #rng = new CounterRng('');
  #recorded: RuleSample['decodeOrder'];
  #blocks = 0;
  #blockStart = -1;
  #order: number[] = [];

  begin({ seed, decodeOrder }: RuleSample): void {
    this.#rng = new CounterRng(`${seed}/order`);
    this.#recorded = decodeOrder;
    this.#blocks = 0;
    this.#blockStart = -1;
  }

  scheduled(view: BlockView, passInBlock: number): Int32Array {
    this.#startBlock(view);
    const quota = transferQuota(view.masksAtStart, view.stepsPerBlock);
    const before = quota.slice(0, passInBlock).reduce((a, b) => a + b, 0);
    return Int32Array.from(this.#order.slice(before, before + (quota[passInBlock] ?? 0)));
  }

  /** Draws the block's order: a random score per masked position, highest first. */
  #startBlock({ block, tokens, maskId, pass }: BlockView): void {
    if (block.start === this.#blockStart) return;
    this.#blockStart = block.start;
    const recorded = this.#recorded?.[this.#blocks++];
    if (recorded !== undefined) {
      this.#order = [...recorded];
      return;
    }
    const masked = Array.from(tokens.keys()).filter(
      (i) => i >= block.start && i < block.end && tokens[i] === maskId,
    );
    const score = new Map(masked.map((position) => [position, this.#rng.uniform(pass, position, 0)]));
    this.#order = masked.sort((a, b) => score.get(b)! - score.get(a)! || a - b);
  }

  select(predictions: Predictions, view: BlockView): Selection {
    const wanted = new Set(this.scheduled(view, view.passInBlock));
    return {
      chosen: Array.from(predictions.positions.keys()).filter((i) => wanted.has(predictions.positions[i]!)),
    };
  }
}
