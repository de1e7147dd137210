import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../src/models/tokenizer.js';
import { packageRoot } from '../../src/paths.js';
import { type DecodingOrder, decodeOutput, decodingOrders } from '../../src/tasks/decode-output.js';

interface Example {
  readonly benchmark: string;
  readonly model_output_raw: string;
  readonly after_special_tokens?: string;
  readonly after_until?: string;
  readonly after_until_chat?: string;
}

const examples: Example[] = JSON.parse(
  readFileSync(new URL('../fixtures/scoring/worked-examples.json', import.meta.url), 'utf8'),
);
const stops: Record<string, string[]> = {
  mmlu: ['</s>', '\n'],
  arc_challenge: ['\n\n', '.'],
  gpqa: ['</s>', 'Question:', '<|im_end|>'],
  gsm8k: ['Question:', '</s>', '<|im_end|>'],
  math: ['Problem:'],
  humaneval: ['\nclass', '\ndef', '\n#', '\nif', '\nprint'],
};

let tokenizer: Tokenizer;
let ends: { eosId: number; eotId: number };
beforeAll(async () => {
  tokenizer = (await loadTokenizer(join(packageRoot, 'models', 'reference')))!;
  ends = { eosId: tokenizer.id('<|endoftext|>')!, eotId: tokenizer.id('<|eot_id|>')! };
});

const decoded = (order: DecodingOrder, text: string, until: string[] = []): string =>
  decodeOutput(order, tokenizer.encode(text), tokenizer, ends, until);

describe('worked examples', () => {
  it.each(
    examples.map((example, i) => [`${example.benchmark} ${(i % 3) + 1}`, example] as const),
  )('%s: raw output to the text after the stop strings', (_name, {
    benchmark,
    model_output_raw,
    after_special_tokens,
    after_until,
    after_until_chat,
  }) => {
    expect(decoded('skip-special', model_output_raw)).toBe(after_special_tokens ?? model_output_raw);
    const expected = after_until ?? after_until_chat;
    expect(expected).toBeDefined();
    const until = stops[benchmark]!;
    expect(decoded('skip-special', model_output_raw, until)).toBe(expected);
    expect(decoded('keep-special', model_output_raw, until)).toBe(expected);
    expect(decoded('cut-eos-eot', model_output_raw, until)).toBe(expected);
    expect(decoded('opencompass', model_output_raw, until)).toBe(expected);
    expect(decoded('opencompass', model_output_raw)).toBe(after_special_tokens ?? model_output_raw);
    // Of Dream's order the end of the turn stays, where no stop string names it.
    expect(decoded('cut-eos', model_output_raw, [...until, '<|eot_id|>'])).toBe(expected);
  });
});

describe('orders', () => {
  const text = 'is 5<|eot_id|> or 6<|endoftext|>No, 7\nQues<|eot_id|>tion: 8';
  it.each([
    ['skip-special', 'is 5 or 6No, 7\n'],
    // The stop string is looked for before the special token in it goes.
    ['keep-special', 'is 5 or 6No, 7\nQuestion: 8'],
    ['cut-eos', 'is 5<|eot_id|> or 6'],
    ['cut-eos-eot', 'is 5'],
    ['opencompass', 'is 5 or 6No, 7\n'],
  ] as const)('%s', (order, expected) => {
    expect(decoded(order, text, ['Question:'])).toBe(expected);
  });

  it('cut-eos can stop at a special token by name', () => {
    expect(decoded('cut-eos', text, ['<|eot_id|>'])).toBe('is 5');
    expect(decoded('skip-special', text, ['<|eot_id|>'])).toBe(text.replace(/<\|\w+\|>/g, ''));
  });

  it('cut at each stop string in turn', () => {
    for (const order of decodingOrders) expect(decoded(order, 'a b c d', ['d', 'b'])).toBe('a ');
  });

  it('cut-eos-eot does without an end of the turn', () => {
    const ids = tokenizer.encode('a<|eot_id|>b<|endoftext|>c');
    expect(decodeOutput('cut-eos-eot', ids, tokenizer, { eosId: ends.eosId }, [])).toBe('ab');
  });

  it('have nothing to say of no ids', () => {
    for (const order of decodingOrders) expect(decodeOutput(order, [], tokenizer, ends, ['x'])).toBe('');
  });

  it('are one where a text has no special token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (plain) => {
        const results = decodingOrders.map((order) => decoded(order, plain, ['a', 'Question:']));
        expect(new Set(results).size).toBe(1);
      }),
    );
  });
});
