import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.js';
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

/** The masks by their names, for tokenizers that have no `mask_token` (LLaDA's). */
const masks = ['<|mdm_mask|>', '<|mask|>'] as const;

/** Ends of a turn; the first that a tokenizer has counts. */
const endsOfTurn = {
  llada: [specialTokens.eot],
  dream: [chatMlTokens.end, specialTokens.eot],
} as const;

/**
 * The end-of-turn and start-of-text ids of a model directory, from its tokenizer files; without them, or beyond the
 * model's vocabulary, they stay unknown. The start of text is the tokenizer's, because it is what harnesses write
 * before a prompt: Dream's config.json gives the end of text for it.
 *
 * @throws UsageError `MODEL_MASK` where config.json and tokenizer have another mask each
 */
export async function specialIds(
  dir: string,
  dimensions: ModelDimensions,
): Promise<Pick<ModelDimensions, 'eotId' | 'bosId'>> {
  const files = await readTokenizerFiles(dir);
  if (files === undefined) return {};
  refuseOtherMask(dir, files, dimensions);
  const within = (id: number | undefined) => (id !== undefined && id < dimensions.vocabSize ? id : undefined);
  const first = (texts: readonly string[]) =>
    texts.map((text) => within(addedId(files, text))).find((id) => id !== undefined);
  const eotId = first(endsOfTurn[dimensions.family]);
  const bosId = within(namedId(files, 'bos_token')) ?? dimensions.bosId ?? first([specialTokens.bos]);
  return { ...(eotId === undefined ? {} : { eotId }), ...(bosId === undefined ? {} : { bosId }) };
}

/** The id of the token that a key such as `bos_token` names; undefined where it names none, or one without an id. */
export function namedId(files: TokenizerFiles, key: string): number | undefined {
  const text = files.config[key];
  return typeof text === 'string' ? addedId(files, text) : undefined;
}

function addedId({ json }: TokenizerFiles, text: string): number | undefined {
  const added = Array.isArray(json.added_tokens) ? json.added_tokens : [];
  const token: unknown = added.find((entry) => isJsonObject(entry) && entry.content === text);
  const id = isJsonObject(token) ? token.id : undefined;
  return typeof id === 'number' ? id : undefined;
}

/** A wrong mask would be decoded into nonsense without a word. */
function refuseOtherMask(dir: string, files: TokenizerFiles, { maskId }: ModelDimensions): void {
  const named = files.config.mask_token;
  const texts = typeof named === 'string' ? [named] : masks;
  const ids = texts.map((text) => ({ text, id: addedId(files, text) })).filter(({ id }) => id !== undefined);
  const [mask] = ids;
  if (mask === undefined || ids.some(({ id }) => id === maskId)) return;
  throw new UsageError(
    'MODEL_MASK',
    `${join(dir, 'config.json')}: "mask_token_id" is ${maskId}, but the mask of the tokenizer is ${mask.id} (${mask.text}); ` +
      'one of the two is of another model: put both from one model, or correct the number.',
  );
}
