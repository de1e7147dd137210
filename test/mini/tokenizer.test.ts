import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { BENCHMARKS, testSet } from '../../scripts/mini/benchmarks.js';
import { SEED } from '../../scripts/mini/generate.js';

const read = (path: string): never =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../..', path), 'utf8')) as never;

interface Recorded {
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly chats: readonly { readonly prompt: string; readonly ids: readonly number[] }[];
}

const config = read('models/reference/tokenizer_config.json') as { chat_template: string; bos_token: string };
const tokenizer = new Tokenizer(read('models/reference/tokenizer.json'), config as never);
const recorded: Recorded = read('test/fixtures/mini/tokenizer-ids.json');

describe('reference tokenizer', () => {
  it('gives the ids of the Python encoder, and the text back', () => {
    for (const { text, ids } of recorded.texts) {
      expect([...tokenizer.encode(text, { add_special_tokens: false }).ids], JSON.stringify(text)).toEqual(
        ids,
      );
      expect(tokenizer.decode([...ids], { clean_up_tokenization_spaces: false })).toBe(text);
    }
  });

  it('the chat template gives the ids that the model was trained with', () => {
    const template = new Template(config.chat_template);
    for (const { prompt, ids } of recorded.chats) {
      const messages = [{ role: 'user', content: prompt }];
      const text = template.render({ messages, bos_token: config.bos_token, add_generation_prompt: true });
      expect([...tokenizer.encode(text, { add_special_tokens: false }).ids]).toEqual(ids);
    }
  });

  it.each(BENCHMARKS)('%s: every response fits 127 tokens and its words are single tokens', (name) => {
    for (const { response } of testSet(name, SEED)) {
      const { ids, tokens } = tokenizer.encode(response, { add_special_tokens: false });
      expect(ids.length).toBeLessThan(128);
      expect(tokens.filter((token: string) => /^[a-z]+$/i.test(token) && token.length === 1)).toEqual(
        response.match(/(?<![a-z ])[a-z](?![a-z])/gi) ?? [],
      );
    }
  });
});
