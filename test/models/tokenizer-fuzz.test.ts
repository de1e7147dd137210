import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInTemplate } from '../../src/models/chat.js';
import { Tokenizer } from '../../src/models/tokenizer.js';
import { packageRoot } from '../../src/paths.js';
import { Rng } from '../../src/stats/rng.js';
import { type BpeSpec, byteLetters, encodeByteBpe, learnMerges } from '../oracle/byte-bpe.js';

/** White space as the tokenizers' Rust regular expressions have it. */
const space = '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const tail = `[${space}]+(?![^${space}])|[${space}]+`;

/** Qwen2's split, and the one of LLaDA's kind: GPT-2's, digits apart. */
const qwen2Regex =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const qwen2 = new RegExp(
  `'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|[${space}]*[\\r\\n]+|${tail}`,
  'gu',
);
const gpt2 = new RegExp(`'(?:[stmd]|re|ve|ll)| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|${tail}`, 'gu');
const qwen2Pieces = (text: string) => text.match(qwen2) ?? [];
const lladaPieces = (text: string) =>
  (text.match(/\p{N}|\P{N}+/gu) ?? []).flatMap((part) => part.match(gpt2) ?? []);

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };

function qwen2Like(): { spec: BpeSpec; tokenizer: Tokenizer } {
  const corpus = readFileSync(join(packageRoot, 'README.md'), 'utf8').slice(0, 6000);
  const merges = learnMerges(qwen2Pieces(`${corpus} größer 数学の問題 été Ещё раз 😀😀`), 300);
  const tokens = [...byteLetters, ...new Set(merges.map(([a, b]) => a + b))];
  const vocab = new Map(tokens.map((token, id) => [token, id]));
  const names = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|mask|>'];
  const specials = new Map(names.map((name, i) => [name, tokens.length + i]));
  const json = {
    version: '1.0',
    added_tokens: [...specials].map(([content, id]) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: qwen2Regex }, behavior: 'Isolated', invert: false },
        { ...byteLevel, use_regex: false },
      ],
    },
    post_processor: { ...byteLevel, trim_offsets: false, use_regex: false },
    decoder: { ...byteLevel, use_regex: true },
    model: { type: 'BPE', vocab: Object.fromEntries(vocab), merges: merges.map((pair) => [...pair]) },
  };
  return {
    spec: { nfc: true, pieces: qwen2Pieces, merges, vocab, specials },
    tokenizer: new Tokenizer(json, {}),
  };
}

function lladaLike(): { spec: BpeSpec; tokenizer: Tokenizer } {
  const json = JSON.parse(readFileSync(join(packageRoot, 'models', 'reference', 'tokenizer.json'), 'utf8'));
  const specials = new Map<string, number>(
    json.added_tokens.map(({ content, id }: { content: string; id: number }) => [content, id]),
  );
  const merges = (json.model.merges as (string | [string, string])[]).map((merge) =>
    typeof merge === 'string' ? (merge.split(' ') as [string, string]) : merge,
  );
  const vocab = new Map(Object.entries(json.model.vocab as Record<string, number>));
  return {
    spec: { nfc: false, pieces: lladaPieces, merges, vocab, specials },
    tokenizer: new Tokenizer(json, {}),
  };
}

/** Letters of many kinds, white space, digits, marks, code, and special tokens in the middle of it. */
const atoms = [
  ...[
    'the',
    ' The',
    'answer',
    " don't",
    "I'LL",
    "'s",
    "we'Ve",
    'é',
    'e\u0301',
    'ß',
    'Ǆ',
    'ﬁ',
    'ا',
    'अ',
    '数',
    'の',
  ],
  ...[
    '😀',
    '👩‍👩‍👧',
    '\u200d',
    '\ufe0f',
    '½',
    '²',
    '٣',
    '7',
    '42',
    '1,250.00',
    '-',
    '--',
    '...',
    '"',
    '\\frac{1}{2}',
  ],
  ...[
    ' ',
    '  ',
    '    ',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '\t',
    '\v',
    '\f',
    '\u00a0',
    '\u2028',
    '\u3000',
    '\u0000',
    '\u001c',
  ],
  ...[
    'def f(x):\n',
    '    return x',
    '#',
    '$',
    '<|',
    '|>',
    '<|im',
    '_',
    '{',
    '}',
    '@',
    '\ud83d\ude00',
    '\uac00',
  ],
];

function fuzzed(rng: Rng, specials: readonly string[]): string {
  let text = '';
  for (let left = 1 + rng.below(12); left > 0; left--) {
    const kind = rng.below(20);
    if (kind === 0) text += specials[rng.below(specials.length)];
    else if (kind < 4) text += String.fromCodePoint(letter(rng.below(0x2ffff)));
    else text += atoms[rng.below(atoms.length)];
  }
  return text;
}

/** No half of a surrogate pair: it has no UTF-8. */
const letter = (code: number) => (code >= 0xd800 && code < 0xe000 ? code - 0x800 : code);

describe.each([
  ['Qwen2-like', qwen2Like, 'chatml'],
  ['LLaDA-like', lladaLike, 'llada'],
] as const)('a byte-level BPE, %s', (_name, make, template) => {
  const { spec, tokenizer } = make();
  const specials = [...spec.specials.keys()];

  test('6,000 fuzzed strings have the ids of the oracle, and come back', () => {
    const rng = new Rng('tokenizer');
    const wrong: string[] = [];
    for (let i = 0; i < 6000; i++) {
      const text = fuzzed(rng, specials);
      const expected = encodeByteBpe(spec, text);
      const ids = tokenizer.encode(text);
      if (ids.join() !== expected.join()) wrong.push(JSON.stringify(text));
      const back = tokenizer.decode(ids, { skipSpecialTokens: false });
      expect(back).toBe(spec.nfc ? normalised(text, specials) : text);
    }
    expect(wrong).toEqual([]);
  });

  test('chats through the template have the ids of the oracle', () => {
    const rng = new Rng('chats');
    for (let i = 0; i < 500; i++) {
      const [user, assistant, last] = [0, 1, 2].map(() => fuzzed(rng, specials)) as [string, string, string];
      const text = builtInTemplate(template).render([
        { role: 'user', content: user },
        { role: 'assistant', content: assistant },
        { role: 'user', content: last },
      ]);
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(encodeByteBpe(spec, text));
    }
  });
});

/** NFC of what stands between special tokens. */
function normalised(text: string, specials: readonly string[]): string {
  const pattern = new RegExp(`(${specials.map((token) => token.replaceAll('|', '\\|')).join('|')})`);
  return text
    .split(pattern)
    .map((part) => part.normalize('NFC'))
    .join('');
}
