import { join } from 'node:path';
import { isJsonObject } from '../formats/json.js';
import { readJsonObject } from './tokenizer.js';
import type { ModelDimensions } from './types.js';

/** LLaDA's names for the tokens that its config.json does not give ids for. */
export const specialTokens = {
  bos: '<|startoftext|>',
  eos: '<|endoftext|>',
  eot: '<|eot_id|>',
  headerStart: '<|start_header_id|>',
  headerEnd: '<|end_header_id|>',
} as const;

/** The marks of ChatML, which Dream-v0-Instruct has from Qwen2.5. */
export const chatMlTokens = { start: '<|im_start|>', end: '<|im_end|>' } as const;

/** Ends of a turn; the first that a tokenizer has counts. */
const endsOfTurn = {
  llada: [specialTokens.eot],
  dream: [chatMlTokens.end, specialTokens.eot],
} as const;

/**
 * The end-of-turn and start-of-text ids of a model directory, read from the added tokens of its
 * tokenizer.json; without that file, or beyond the model's vocabulary, they stay unknown.
 */
export async function specialIds(
  dir: string,
  dimensions: ModelDimensions,
): Promise<Pick<ModelDimensions, 'eotId' | 'bosId'>> {
  const tokenizer = await readJsonObject(join(dir, 'tokenizer.json'));
  const added = Array.isArray(tokenizer?.added_tokens) ? tokenizer.added_tokens : [];
  const find = (...contents: readonly string[]): number | undefined => {
    const token: unknown = contents
      .map((content) => added.find((entry) => isJsonObject(entry) && entry.content === content))
      .find((entry) => entry !== undefined);
    const id = isJsonObject(token) ? token.id : undefined;
    return typeof id === 'number' && id < dimensions.vocabSize ? id : undefined;
  };
  const eotId = find(...endsOfTurn[dimensions.family]);
  const bosId = dimensions.bosId ?? find(specialTokens.bos);
  return { ...(eotId === undefined ? {} : { eotId }), ...(bosId === undefined ? {} : { bosId }) };
}
