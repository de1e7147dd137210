import { type UnmaskOptions, unmaskOptions } from '../../src/decoding/rules/registry.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { Rng } from '../../src/stats/rng.js';
import { type Choices, draw, pick } from './draw.js';
import { generation, randomPrompt, type Task } from './run.js';

/** What may be set in a random task beside its shape. */
export interface TaskChoices {
  /** One of these unmasking rules is taken, with options drawn from its lists. */
  readonly rules: readonly Choices[];
  /** Further settings of `generation`, drawn from their lists. */
  readonly settings?: Choices;
  /** Longest response, in tokens. Default 12. */
  readonly longest?: number;
}

/**
 * A task of random shape: prompts of 1 to 12 tokens, blocks of 1 to 8, fewer or more steps than tokens, with or
 * without noise. Equal seeds give equal tasks.
 */
export function randomTask(
  seed: string,
  dimensions: ModelDimensions,
  { rules, settings = {}, longest = 12 }: TaskChoices,
): Task {
  const rng = new Rng(seed);
  const blockLength = 1 + rng.below(8);
  const blocks = 1 + rng.below(Math.max(1, Math.floor(longest / blockLength)));
  const promptIds = randomPrompt(rng, pick([1, 1, 2, 4, 7, 7, 9, 12], rng), dimensions);
  const unmask = unmaskOptions.parse(draw(pick(rules, rng), rng));
  const isDream = dimensions.family === 'dream';
  const stepsPerBlock = pick([1, Math.ceil(blockLength / 2), blockLength, 2 * blockLength], rng);
  return {
    promptIds,
    unmask,
    generation: generation({
      genLength: blocks * blockLength,
      blockLength,
      steps: blocks * (isDream ? dreamSteps(stepsPerBlock, blockLength, unmask) : stepsPerBlock),
      temperature: pick([0, 0, 0.7], rng),
      remasking: pick(['low-confidence', 'low-confidence', 'random'], rng),
      seed,
      ...(isDream ? { dream: draw(dreamChoices, rng) } : {}),
      ...draw(settings, rng),
    }),
  };
}

const dreamChoices: Choices = {
  alg: ['entropy', 'entropy', 'maskgit-plus', 'topk-margin', 'origin'],
  algTemp: [0, 0, 0.5],
  topP: [1, 1, 0.8],
  topK: [0, 0, 5],
};

/** Dream's samplers refuse one step per block beside Fast-dLLM's caches, and an uneven threshold budget. */
function dreamSteps(stepsPerBlock: number, blockLength: number, { rule }: UnmaskOptions): number {
  if (rule !== 'threshold') return Math.max(2, stepsPerBlock);
  return blockLength % stepsPerBlock === 0 ? stepsPerBlock : blockLength;
}
