import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { builtInTemplate } from './chat.js';
import type { PublishedModel, PublishedToken } from './published.js';

/** Special tokens of a random model, and what its config.json says of them. */
export interface RandomTokens {
  readonly bos: PublishedToken;
  readonly eos: PublishedToken;
  readonly mask: PublishedToken;
  readonly chat: readonly PublishedToken[];
  readonly configIds: Readonly<Record<string, number>>;
}

/**
 * The special tokens at their published ids; in a vocabulary of another size at its end, in the same order.
 *
 * @throws UsageError `FLAG` for a vocabulary that has no room for the words beside them
 */
export function shiftedTokens(like: PublishedModel, vocab: number | undefined): RandomTokens {
  const { tokens, chatTokens, config, family } = like;
  if (vocab === undefined || vocab === config.vocab_size)
    return { ...tokens, chat: chatTokens, configIds: {} };
  const all = [tokens.bos, tokens.eos, tokens.mask, ...chatTokens].sort((a, b) => a.id - b.id);
  const least = wordTokenizer().words.size + oldSpecials + all.length;
  if (vocab < least) {
    throw new UsageError(
      'FLAG',
      `--vocab is ${vocab}, but it must be at least ${least}: words and special tokens.`,
    );
  }
  const moved = (token: PublishedToken) => ({ ...token, id: vocab - all.length + all.indexOf(token) });
  const [bos, eos, mask] = [moved(tokens.bos), moved(tokens.eos), moved(tokens.mask)];
  return {
    ...{ bos, eos, mask },
    chat: chatTokens.map(moved),
    configIds: {
      eos_token_id: eos.id,
      pad_token_id: eos.id,
      mask_token_id: mask.id,
      // Dream's config.json gives the end of text for it.
      ...(family === 'dream' ? { bos_token_id: eos.id } : {}),
    },
  };
}

/**
 * Tokenizer files of a random model: the words of the reference model, which any text can be spelled with, and the
 * published special tokens. Most ids of a published vocabulary have no text here.
 */
export function randomTokenizerFiles(
  { family }: PublishedModel,
  { bos, eos, mask, chat }: RandomTokens,
): [name: string, text: string][] {
  const { json, words } = wordTokenizer();
  const added = [bos, eos, mask, ...chat]
    .sort((a, b) => a.id - b.id)
    .map(({ id, content }) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    }));
  const model = { ...json.model, vocab: Object.fromEntries(words) };
  const config = {
    bos_token: bos.content,
    eos_token: eos.content,
    pad_token: eos.content,
    chat_template: builtInTemplate(family === 'llada' ? 'llada' : 'chatml').source,
    clean_up_tokenization_spaces: false,
    tokenizer_class: 'PreTrainedTokenizerFast',
  };
  return [
    ['tokenizer.json', `${JSON.stringify({ ...json, added_tokens: added, model })}\n`],
    ['tokenizer_config.json', `${JSON.stringify(config, null, 2)}\n`],
  ];
}

/** Special tokens of the reference model, which stand before its words. */
const oldSpecials = 6;

interface TokenizerJson {
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
  readonly added_tokens: readonly { readonly content: string }[];
}

/** The reference model's tokenizer, and its words without its special tokens. */
function wordTokenizer(): { readonly json: TokenizerJson; readonly words: ReadonlyMap<string, number> } {
  const path = join(packageRoot, 'models', 'reference', 'tokenizer.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as TokenizerJson;
  const specials = new Set(json.added_tokens.map(({ content }) => content));
  return { json, words: new Map(Object.entries(json.model.vocab).filter(([word]) => !specials.has(word))) };
}
