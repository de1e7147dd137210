import { isJsonObject } from '../formats/json.js';

/** A token beside those of the vocabulary model, as tokenizer.json has it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/** Where added tokens may stand, besides tokenizer.json. */
export interface AddedTokenSources {
  /** `model.vocab` of tokenizer.json, where it is an object. */
  readonly vocab: Readonly<Record<string, unknown>>;
  /** tokenizer_config.json, with its special tokens as plain texts. */
  readonly config: Readonly<Record<string, unknown>>;
  /** added_tokens.json: ids by token. */
  readonly more: Readonly<Record<string, unknown>>;
}

/**
 * The added tokens of a tokenizer.json with those that only the files beside it have: `added_tokens_decoder` of
 * tokenizer_config.json, added_tokens.json, and special tokens that are named and stand in the vocabulary. What
 * tokenizer.json says of a token counts.
 *
 * @param own `added_tokens` of tokenizer.json.
 */
export function addedTokens(own: unknown, { vocab, config, more }: AddedTokenSources): unknown[] {
  const tokens: unknown[] = Array.isArray(own) ? [...own] : [];
  const known = new Set(tokens.map((token) => (isJsonObject(token) ? token.content : undefined)));
  const named = namedSpecials(config);
  const add = (token: { readonly id: unknown; readonly content: unknown; readonly special?: unknown }) => {
    const { id, content } = token;
    if (typeof content !== 'string' || known.has(content) || !Number.isInteger(id)) return;
    known.add(content);
    const special = token.special === true || named.includes(content);
    tokens.push({ ...plain, normalized: !special, ...token, special });
  };
  const { added_tokens_decoder: decoder } = config;
  for (const [id, token] of Object.entries(isJsonObject(decoder) ? decoder : {})) {
    if (isJsonObject(token)) add({ ...token, id: Number(id), content: token.content });
  }
  for (const [content, id] of Object.entries(more)) add({ id, content });
  for (const content of named)
    add({ id: Object.hasOwn(vocab, content) ? vocab[content] : undefined, content });
  return tokens;
}

const plain = { single_word: false, lstrip: false, rstrip: false };

/** Texts of all special tokens that a config names: `bos_token` and the like, and lists of further ones. */
export function namedSpecials(config: Readonly<Record<string, unknown>>): string[] {
  const listed = [config.additional_special_tokens, config.extra_special_tokens].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const values = Object.entries(config).flatMap(([key, value]) => (key.endsWith('_token') ? [value] : []));
  return [...values, ...listed].map(tokenText).filter((text) => text !== undefined);
}

/** A token that is written as its text, or as an object that has it as `content`. */
export function tokenText(value: unknown): string | undefined {
  const text = isJsonObject(value) ? value.content : value;
  return typeof text === 'string' ? text : undefined;
}
