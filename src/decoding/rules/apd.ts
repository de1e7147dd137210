import { z } from 'zod';
import {
  atLeast,
  type BlockView,
  eligible,
  instability,
  type Predictions,
  type Selection,
  type UnmaskingRule,
} from '../rule.js';

export const apdOptions = z
  .strictObject({
    rule: z.literal('apd'),
    tau0: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .describe(
        'Threshold of every token at the start. Probability. Paper: 0.9 is the highest recommended value.',
      ),
    alpha: z
      .number()
      .default(0.001)
      .describe(
        "Weight of the certainty c = 1 - p2 that lowers a token's threshold. Paper: 0.001 (code: 0.01).",
      ),
    beta: z
      .number()
      .default(0.0008)
      .describe(
        "Weight of the instability H = 1 - cos that raises a token's threshold. Paper: 0.0008 (code: 0.15).",
      ),
    adaptFrom: z
      .union([z.literal(2), z.literal(1)])
      .default(2)
      .describe('0-based pass from which thresholds move: 2 (Algorithm 2: t < T - 1) or 1.'),
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

  constructor(options: ApdOptions) {
    this.#options = options;
  }

  begin(): void {
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
    return { chosen: atLeast(predictions, eligible(predictions, view), tau) };
  }
}
