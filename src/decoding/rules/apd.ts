import { z } from 'zod';
import { ourReading } from '../../caching/option-facts.js';
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

export const apdOptions = z
  .strictObject({
    rule: z.literal('apd'),
    tau0: z.number().min(0).max(1).default(0.9).meta({
      description: 'Threshold of every token at the start.',
      unit: 'probability',
      source:
        'Dynamic-dLLM paper: 0.9 is the highest value that it recommends; its example figure has 0.8. Released code: 1.0, demo 0.9.',
    }),
    alpha: z.number().default(0.001).meta({
      description:
        "Weight of the certainty c = 1 - p2, which lowers a token's threshold (p2: the second largest probability). A pure number.",
      source: 'Dynamic-dLLM paper, eq. 8 and 11; 0.001 in Section 4.1 and Appendix B.2. Released code: 0.01.',
    }),
    beta: z.number().default(0.0008).meta({
      description:
        "Weight of the instability H = 1 - cos of the distributions of two steps, which raises a token's threshold. A pure number.",
      source:
        'Dynamic-dLLM paper, eq. 10 and 11; 0.0008 in Section 4.1 and Appendix B.2. Released code: 0.15.',
    }),
    adaptFrom: z
      .union([z.literal(2), z.literal(1)])
      .default(2)
      .meta({
        description: 'First pass in which thresholds move; the first pass of a sample is number 0.',
        unit: 'pass number',
        source: `Dynamic-dLLM paper, Algorithm 2: t < T - 1, that is 2. Released code: 1. ${ourReading}.`,
      }),
  })
  .describe(
    'Adaptive Parallel Decoding as the paper states it: a threshold per token, moved at every pass by how certain and how stable its distribution is (eq. 8, 10, 11); the best token is always revealed.',
  );

export type ApdOptions = z.output<typeof apdOptions>;

/** Adaptive Parallel Decoding of Dynamic-dLLM, paper reading: `tau_i += -alpha c_i + beta H_i`. */
export class Apd implements UnmaskingRule {
  readonly needsShift = true;
  /** Thresholds of later blocks move too, so every masked row is predicted at every pass. */
  readonly headRows = 'masked';
  readonly fixedSchedule = false;
  readonly #options: ApdOptions;
  readonly #tau = new Map<number, number>();
  #isAsked = false;

  constructor(options: ApdOptions) {
    this.#options = options;
  }

  begin({ thresholds = false }: RuleSample): void {
    this.#isAsked = thresholds;
    this.#tau.clear();
  }

  select(predictions: Predictions, view: BlockView): Selection {
    const { tau0, alpha, beta, adaptFrom } = this.#options;
    const tau = (index: number) => this.#tau.get(predictions.positions[index]!) ?? tau0;
    if (view.pass >= adaptFrom) {
      predictions.positions.forEach((position, i) => {
        const c = 1 - predictions.p2[i]!;
        const h = instability(predictions, i);
        this.#tau.set(position, tau(i) - alpha * c + beta * h);
      });
    }
    const block = eligible(predictions, view);
    const chosen = atLeast(predictions, block, tau);
    return this.#isAsked ? { chosen, thresholds: thresholdsOf(predictions, block, tau) } : { chosen };
  }
}
