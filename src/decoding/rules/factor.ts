import { z } from 'zod';
import {
  type BlockView,
  byConfidence,
  eligible,
  type Predictions,
  type Selection,
  type UnmaskingRule,
} from '../rule.js';

export const factorOptions = z
  .strictObject({
    rule: z.literal('factor'),
    factor: z.number().positive().default(1).meta({
      description:
        'f: tokens are revealed from the most confident one down, the n-th while (n + 1)(1 - c_n) <= f, the first always. A pure number.',
      source:
        'Fast-dLLM paper, theorem 1 (f = 1); later code of Fast-dLLM; Fast-dLLM++ scripts: 0.75 or 1.0.',
    }),
    offByOne: z.boolean().default(false).meta({
      description:
        "true: the last of the block's masked tokens is revealed too where it alone fails the rule; false: as the theorem has it.",
      source: "Later code of Fast-dLLM: true. Default ours: the theorem's reading.",
    }),
  })
  .describe(
    'Reveal as many of the most confident tokens as the theorem of Fast-dLLM allows: greedy parallel equals greedy joint decoding while (n + 1) eps <= 1; at least one.',
  );

export type FactorOptions = z.output<typeof factorOptions>;

/** Fast-dLLM's factor rule (paper 2505.22618, theorem 1; later code). */
export class Factor implements UnmaskingRule {
  readonly needsShift = false;
  readonly headRows = 'eligible';
  readonly fixedSchedule = false;
  readonly #options: FactorOptions;

  constructor(options: FactorOptions) {
    this.#options = options;
  }

  begin(): void {}

  select(predictions: Predictions, view: BlockView): Selection {
    const { factor, offByOne } = this.#options;
    const ranked = byConfidence(predictions, eligible(predictions, view));
    // Thresholds -1, 1 - f/3, 1 - f/4, ...: the first token is always accepted.
    const stop = ranked.findIndex(
      (i, rank) => rank > 0 && predictions.confidence[i]! < 1 - factor / (rank + 2),
    );
    const accepted = stop < 0 || (offByOne && stop === ranked.length - 1) ? ranked.length : stop;
    return { chosen: ranked.slice(0, accepted) };
  }
}
