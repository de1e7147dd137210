import { z } from 'zod';
import {
  atLeast,
  type BlockView,
  eligible,
  instability,
  type Predictions,
  type RuleSample,
  type Selection,
  thresholdsOf,
  type UnmaskingRule,
} from '../rule.js';

export const apdReleasedOptions = z
  .strictObject({
    rule: z.literal('apd-released'),
    mode: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .default(1)
      .meta({
        description:
          "0: fixed threshold; 1: one threshold, moved by means over the block's masks; 2: one per token.",
        source: "Dynamic-dLLM's code, pd_mode: 1 in generate_pd, 0 in demo and evaluation wrapper.",
      }),
    tau0: z.number().min(0).default(1).meta({
      description: 'The threshold at the start.',
      unit: 'probability',
      source: "Dynamic-dLLM's code, pd_threshold: 1.0 in generate_pd and wrapper, 0.9 in the demo.",
    }),
    alpha: z.number().default(0.01).meta({
      description: 'Weight of c = 1 - p2, which lowers the threshold. A pure number.',
      source: "Dynamic-dLLM's code: 0.01 everywhere. Paper: 0.001.",
    }),
    beta: z.number().default(0.15).meta({
      description: 'Weight of H = 1 - cos, which raises the threshold. A pure number.',
      source: "Dynamic-dLLM's code: 0.15 everywhere. Paper: 0.0008.",
    }),
  })
  .describe(
    'Adaptive Parallel Decoding as the released generate_pd does it: from the second pass of the sample on, never reset and never clamped.',
  );

export type ApdReleasedOptions = z.output<typeof apdReleasedOptions>;

/** `generate_pd` of the authors' repository; `methods.md` 3.7.2. */
export class ApdReleased implements UnmaskingRule {
  readonly needsShift: boolean;
  readonly headRows: 'eligible' | 'masked';
  readonly readsEligible: boolean;
  readonly fixedSchedule = false;
  readonly #options: ApdReleasedOptions;
  #scalar = 0;
  #isAsked = false;
  readonly #perToken = new Map<number, number>();

  constructor(options: ApdReleasedOptions) {
    this.#options = options;
    this.needsShift = options.mode !== 0;
    // The means of mode 1 run over the block only, but a new block's rows need the pass before it as well.
    this.headRows = options.mode === 0 ? 'eligible' : 'masked';
    this.readsEligible = options.mode === 1;
  }

  begin({ thresholds = false }: RuleSample): void {
    this.#isAsked = thresholds;
    this.#scalar = this.#options.tau0;
    this.#perToken.clear();
  }

  select(predictions: Predictions, view: BlockView): Selection {
    const { mode, tau0, alpha, beta } = this.#options;
    const block = eligible(predictions, view);
    const certainty = (i: number) => 1 - predictions.p2[i]!;
    const moved = (i: number) => instability(predictions, i);

    if (mode === 1 && view.pass > 0 && block.length > 0) {
      const mean = (f: (i: number) => number) => block.reduce((sum, i) => sum + f(i), 0) / block.length;
      this.#scalar += -alpha * mean(certainty) + beta * mean(moved);
    }
    const tau = (i: number) => this.#perToken.get(predictions.positions[i]!) ?? tau0;
    if (mode === 2 && view.pass > 0) {
      predictions.positions.forEach((position, i) => {
        this.#perToken.set(position, tau(i) - alpha * certainty(i) + beta * moved(i));
      });
    }
    const ofToken = mode === 2 ? tau : () => this.#scalar;
    return {
      chosen: atLeast(predictions, block, ofToken),
      ...(mode === 2 ? {} : { threshold: this.#scalar }),
      ...(this.#isAsked ? { thresholds: thresholdsOf(predictions, block, ofToken) } : {}),
    };
  }
}
