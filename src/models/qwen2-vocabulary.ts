import { UsageError } from '../errors.js';

/** Classes of slow tokenizers that are Qwen2's: Dream's, which has no tokenizer.json on the hub, is a copy of it. */
export const qwen2Classes: readonly unknown[] = ['Qwen2Tokenizer', 'Qwen2TokenizerFast', 'DreamTokenizer'];

/** How Qwen2 cuts text before its merges (transformers, Qwen2Converter). */
const splitPattern =
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|` +
  `\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/**
 * A tokenizer.json out of the vocabulary files of a slow Qwen2 tokenizer, as transformers makes it.
 *
 * @param vocab Ids by token: vocab.json.
 * @param merges Text of merges.txt: a line each, with a space between its two parts.
 * @param file Name of the merges, for messages.
 * @throws UsageError `TOKENIZER_INVALID` for a line that is no merge
 */
export function qwen2TokenizerJson(
  vocab: Record<string, unknown>,
  merges: string,
  file: string,
): Record<string, unknown> {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: splitPattern }, behavior: 'Isolated', invert: false },
        byteLevel,
      ],
    },
    post_processor: byteLevel,
    decoder: { ...byteLevel, add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, fuse_unk: false, byte_fallback: false },
      ...{ continuing_subword_prefix: '', end_of_word_suffix: '', ignore_merges: false },
      vocab,
      merges: mergesOf(merges, file),
    },
  };
}

function mergesOf(text: string, file: string): [string, string][] {
  return text
    .split(/\r?\n/)
    .map((line, i) => ({ line, at: i + 1 }))
    .filter(({ line, at }) => line !== '' && !(at === 1 && line.startsWith('#version')))
    .map(({ line, at }) => {
      const parts = line.split(' ');
      if (parts.length === 2 && parts.every((part) => part !== '')) return parts as [string, string];
      throw new UsageError(
        'TOKENIZER_INVALID',
        `${file}:${at}: "${line}" is no merge of two tokens; download it again`,
      );
    });
}
