import type { ModelDimensions } from './types.js';

/**
 * Tokens of prompt and response that the README of Dream-v0 states. Its config.json has the 131,072 positions of
 * Qwen2.5, which it was adapted from.
 */
const dreamContext = 2048;

/** Longest canvas, prompt included, that a model was made for, in tokens. */
export function contextLength({
  family,
  maxSequenceLength,
}: Pick<ModelDimensions, 'family' | 'maxSequenceLength'>): number {
  return family === 'dream' ? Math.min(dreamContext, maxSequenceLength) : maxSequenceLength;
}
