import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { readTokenizerFiles } from './tokenizer-files.js';

export interface DecodeOptions {
  /** Leave out mask, end-of-text and the like; default true. */
  readonly skipSpecialTokens?: boolean;
  /** What becomes of an id without a token: nothing (default), or `<id>`, for people to see. */
  readonly unknown?: 'omit' | 'show';
}

/** Text to ids and back, from what `readTokenizerFiles` gives. */
export class Tokenizer {
  readonly #tokenizer: HuggingFaceTokenizer;
  /** The content of tokenizer_config.json; special tokens are plain texts. */
  readonly config: Readonly<Record<string, unknown>>;

  constructor(tokenizerJson: Record<string, unknown>, config: Record<string, unknown>) {
    // The library's default for a silent config is to tidy blanks up, which changes code and formulas.
    this.config = { ...config, clean_up_tokenization_spaces: false };
    this.#tokenizer = new HuggingFaceTokenizer(withUnicodeDigits(tokenizerJson), this.config);
  }

  /** Ids of `text`; special tokens written out in it are recognised, none are added. */
  encode(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /**
   * Text of `ids`. Ids beyond the vocabulary, which a model with a wider head can produce, have none: as Hugging Face's
   * fast tokenizers do, they are left out where answers are scored.
   */
  decode(ids: Iterable<number>, { skipSpecialTokens = true, unknown = 'omit' }: DecodeOptions = {}): string {
    let text = '';
    let known: number[] = [];
    const flush = () => {
      // The library throws on an empty list.
      if (known.length > 0) text += this.#decodeKnown(known, skipSpecialTokens);
      known = [];
    };
    for (const id of ids) {
      if (this.token(id) !== undefined) known.push(id);
      else if (unknown === 'show') {
        flush();
        text += `<${id}>`;
      }
    }
    flush();
    return text;
  }

  #decodeKnown(ids: number[], skipSpecialTokens: boolean): string {
    return this.#tokenizer.decode(ids, {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: false,
    });
  }

  /** The token of an id, or undefined if there is none. */
  token(id: number): string | undefined {
    return this.#tokenizer.id_to_token(id);
  }

  /** Every id that has a token. */
  ids(): number[] {
    const ids = this.#tokenizer.get_vocab().values();
    return [...ids].filter((id) => this.token(id) !== undefined);
  }

  /** The id of a token, or undefined if there is none of that name. */
  id(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }
}

/**
 * Every `Digits` pre-tokenizer as the split that it is in the Rust library: there any numeric character is a digit
 * (`½`, `²`, `٣`), in the JavaScript one only 0 to 9.
 */
function withUnicodeDigits(tokenizerJson: Record<string, unknown>): Record<string, unknown> {
  const rewrite = (node: unknown): unknown => {
    if (!isJsonObject(node)) return node;
    if (node.type === 'Sequence' && Array.isArray(node.pretokenizers)) {
      return { ...node, pretokenizers: node.pretokenizers.map(rewrite) };
    }
    if (node.type !== 'Digits') return node;
    const pattern = { Regex: node.individual_digits === true ? '\\p{N}' : '\\p{N}+' };
    return { type: 'Split', pattern, behavior: 'Isolated', invert: false };
  };
  return { ...tokenizerJson, pre_tokenizer: rewrite(tokenizerJson.pre_tokenizer) };
}

/**
 * The tokenizer of a model directory, or undefined if it has no files that one can be read from: such a model takes
 * and gives ids only.
 *
 * @throws UsageError if the files are there but damaged.
 */
export async function loadTokenizer(dir: string): Promise<Tokenizer | undefined> {
  const files = await readTokenizerFiles(dir);
  if (files === undefined) return undefined;
  try {
    return new Tokenizer(files.json, files.config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('TOKENIZER_INVALID', `${join(dir, 'tokenizer.json')}: not usable (${reason})`);
  }
}
