import { PythonRandom } from '../stats/python-random.js';

/** Where the examples of a sample come from: the first rows of the split, or drawn for each sample anew. */
export type ShotSampler = 'first-n' | 'default';

export interface ShotDraw {
  readonly sampler: ShotSampler;
  /** Examples of each sample. */
  readonly count: number;
  /** Rows of the split that examples come from. */
  readonly poolSize: number;
  /** Whether that is the split of the samples themselves: a sample is then no example of its own. */
  readonly ownSplit: boolean;
  /** `fewshot_random_seed` of lm-eval: 1234. */
  readonly seed: number;
}

/**
 * Rows that are shown to each of the first `samples` samples, as lm-eval draws them: one generator a task, one
 * draw a sample in their order, so that a shorter run shows the same examples. From the samples' own split one
 * more row is drawn, the sample itself dropped, and the first `count` kept.
 */
export function drawShots(draw: ShotDraw, samples: number): number[][] {
  const { sampler, count, poolSize, ownSplit, seed } = draw;
  const wanted = count === 0 ? 0 : count + (ownSplit ? 1 : 0);
  const random = new PythonRandom(seed);
  const firstRows = Array.from({ length: Math.min(wanted, poolSize) }, (_, row) => row);
  return Array.from({ length: samples }, (_, sample) => {
    const rows = sampler === 'first-n' ? firstRows : random.sampleIndices(poolSize, wanted);
    return (ownSplit ? rows.filter((row) => row !== sample) : rows).slice(0, count);
  });
}
