import type { ModelDimensions } from '../../models/types.js';
import { Rng } from '../../stats/rng.js';

/** Ordinary tokens, the same for every method: a prompt that means nothing. */
export function benchPrompt(length: number, { vocabSize }: ModelDimensions): Int32Array {
  const rng = new Rng('bench');
  return Int32Array.from({ length }, () => rng.below(vocabSize - 2));
}
