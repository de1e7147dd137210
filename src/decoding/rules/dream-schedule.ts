import { CounterRng } from '../../stats/rng.js';
import type { BlockView, Predictions, RuleSample, Selection, UnmaskingRule } from '../rule.js';
import type { DreamOptions } from '../settings.js';
import { timesteps, transferCount, transferShare } from '../timesteps.js';

/**
 * Dream's own sampler (`diffusion_generate`): no blocks; each pass transfers the share `1 - s / t` of the masks,
 * the highest ranked first, or with `origin` each mask at random; the last pass transfers all.
 */
export class DreamSchedule implements UnmaskingRule {
  readonly needsShift = false;
  readonly needsEntropy: boolean;
  readonly headRows = 'masked';
  readonly fixedSchedule = true;
  readonly wholeSequence = true;
  readonly #options: DreamOptions;
  #rng = new CounterRng('');
  #draws: RuleSample['draws'];

  constructor(options: DreamOptions) {
    this.#options = options;
    this.needsEntropy = options.alg === 'entropy';
  }

  begin({ seed, draws }: RuleSample): void {
    this.#rng = new CounterRng(`${seed}/transfer`);
    this.#draws = draws;
  }

  /** The first pass of as many steps as tokens transfers none (`methods.md` 7.7). */
  revealsNothing({ passInBlock, stepsPerBlock }: BlockView, masks: number): boolean {
    const { alg, eps } = this.#options;
    if (alg === 'origin' || passInBlock === stepsPerBlock - 1) return false;
    return transferCount(masks, transferShare(timesteps(stepsPerBlock, eps), passInBlock)) === 0;
  }

  select(predictions: Predictions, view: BlockView): Selection {
    const { alg, eps, algTemp } = this.#options;
    const { passInBlock, stepsPerBlock, pass } = view;
    const all = Array.from(predictions.positions.keys());
    if (passInBlock === stepsPerBlock - 1) return { chosen: all };
    const share = transferShare(timesteps(stepsPerBlock, eps), passInBlock);
    if (alg === 'origin') {
      const drawn = (i: number) =>
        this.#draws?.[pass]?.[i] ?? this.#rng.uniform(pass, predictions.positions[i]!, 0);
      return { chosen: all.filter((i) => drawn(i) < share) };
    }
    const scores = dreamConfidence(predictions, alg);
    if (algTemp > 0) {
      // Gumbel noise on the scaled scores: a draw without replacement from softmax(score / algTemp).
      for (const i of all) {
        const u = this.#rng.uniform(pass, predictions.positions[i]!, 1);
        scores[i] = scores[i]! / algTemp - Math.log(-Math.log(Math.max(u, Number.MIN_VALUE)));
      }
    }
    const masks = all.length;
    return { chosen: highest(scores, all).slice(0, transferCount(masks, share)) };
  }
}

/** What Dream ranks masked positions by. */
export function dreamConfidence(
  predictions: Predictions,
  alg: Exclude<DreamOptions['alg'], 'origin'>,
): Float64Array {
  switch (alg) {
    case 'maskgit-plus':
      return Float64Array.from(predictions.p1);
    case 'topk-margin':
      return predictions.p1.map((p, i) => p - predictions.p2[i]!);
    case 'entropy':
      return Float64Array.from(predictions.entropy!);
  }
}

/** Indices by score, highest first; ties go to the lower position. */
export function highest(scores: Float64Array, indices: readonly number[]): number[] {
  return [...indices].sort((a, b) => scores[b]! - scores[a]! || a - b);
}
