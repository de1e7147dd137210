import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChatTemplate, loadChatTemplate } from '../../src/models/chat.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { loadTokenizer, type Tokenizer } from '../../src/models/tokenizer.js';
import { packageRoot } from '../../src/paths.js';
import { editJson } from './text-checkpoint.js';

const specials = [
  '<|endoftext|>',
  '<|mdm_mask|>',
  '<|startoftext|>',
  '<|start_header_id|>',
  '<|end_header_id|>',
  '<|eot_id|>',
];

/** A byte-level BPE without merges: six specials, then the 256 bytes. */
function byteTokenizer(names: readonly string[]): object {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  let spare = 256;
  const characters = range(0, 255).map((byte) =>
    String.fromCodePoint(printable.includes(byte) ? byte : spare++),
  );
  const vocab = Object.fromEntries([...names, ...characters].map((token, id) => [token, id]));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: names.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab, merges: [] },
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-text-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function tokenizerOf(names: readonly string[], config: object = {}): Promise<Tokenizer> {
  await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(byteTokenizer(names)));
  await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify(config));
  return (await loadTokenizer(dir))!;
}

describe('tokenizer', () => {
  test('comes back byte for byte, blanks before punctuation included', async () => {
    const tokenizer = await tokenizerOf(specials, { clean_up_tokenization_spaces: true });
    for (const text of ["it 's a , b . c ? d ! n't", '\n\n  if x:\n\treturn  1 ', 'é€𝄞', ' ', '']) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });

  test('special tokens: recognised in text, left out or kept on request', async () => {
    const tokenizer = await tokenizerOf(specials);
    const ids = tokenizer.encode('a<|eot_id|><|endoftext|>');
    expect(ids.slice(1)).toEqual([5, 0]);
    expect(tokenizer.decode(ids)).toBe('a');
    expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe('a<|eot_id|><|endoftext|>');
  });

  test('nothing, and ids beyond the vocabulary, have no text', async () => {
    const tokenizer = await tokenizerOf(specials);
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.decode([100_000])).toBe('');
    expect(tokenizer.decode([...tokenizer.encode('x'), 100_000])).toBe('x');
  });

  test('none in the folder is allowed, a damaged one is not', async () => {
    expect(await loadTokenizer(dir)).toBeUndefined();
    for (const content of ['{', '[]', '{"model":{"type":"nonsense"}}']) {
      await writeFile(join(dir, 'tokenizer.json'), content);
      await expect(loadTokenizer(dir)).rejects.toMatchObject({
        code: 'TOKENIZER_INVALID',
        message: expect.stringContaining('tokenizer.json'),
      });
    }
  });
});

describe('chat template', () => {
  const messages = [
    { role: 'user', content: '  2 + 2? \n' },
    { role: 'assistant', content: '4' },
    { role: 'user', content: 'Sure?' },
  ] as const;

  test("LLaDA's own, when the tokenizer has its tokens and no template", async () => {
    const template = await loadChatTemplate(dir, await tokenizerOf(specials));
    expect(template!.render(messages)).toBe(
      '<|startoftext|><|start_header_id|>user<|end_header_id|>\n\n2 + 2?<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\n4<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nSure?<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\n',
    );
  });

  test("Dream's ChatML, when the tokenizer has its marks: contents as they are, a default system turn", async () => {
    const marks = ['<|endoftext|>', '<|mask|>', '<|im_start|>', '<|im_end|>'];
    const template = (await loadChatTemplate(dir, await tokenizerOf(marks)))!;
    expect(template.render(messages)).toBe(
      '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' +
        '<|im_start|>user\n  2 + 2? \n<|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n' +
        '<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n',
    );
    expect(template.render([{ role: 'system', content: 'Sums.\n\n' }, messages[0]])).toBe(
      '<|im_start|>system\nSums.\n\n<|im_end|>\n<|im_start|>user\n  2 + 2? \n<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  test('none for a tokenizer without those tokens', async () => {
    expect(await loadChatTemplate(dir, await tokenizerOf(specials.slice(0, 3)))).toBeUndefined();
  });

  test('from tokenizer_config.json, alone or by name, with its special tokens; a file of its own wins', async () => {
    const chat_template =
      '{{ bos_token }}{{ messages[0].content }}{% if add_generation_prompt %}>{% endif %}';
    const config = { chat_template, bos_token: { content: '<s>' } };
    const load = async (c: object) => loadChatTemplate(dir, await tokenizerOf(specials, c));
    expect((await load(config))!.render([{ role: 'user', content: 'x' }])).toBe('<s>x>');
    const named = [
      { name: 'tool', template: 'no' },
      { name: 'default', template: 'yes' },
    ];
    expect((await load({ chat_template: named }))!.render([])).toBe('yes');
    await writeFile(join(dir, 'chat_template.jinja'), 'file');
    expect((await load(config))!.source).toBe('file');
  });

  test('a template that does not parse or refuses is a usage error', () => {
    expect(() => new ChatTemplate('{% if %}', {})).toThrow(/does not parse/);
    const strict = new ChatTemplate("{{ raise_exception('no system turn') }}", {});
    expect(() => strict.render([])).toThrow(/no system turn/);
  });
});

test('a checkpoint learns its turn ids from the tokenizer, within the model width', async () => {
  const size = { dModel: 16, layers: 1, heads: 1, ffnDim: 16, vocabSize: 300, maxSequenceLength: 64 };
  await writeRandomCheckpoint(dir, size, { seed: 's' });
  await editJson(join(dir, 'config.json'), { mask_token_id: 1 });
  expect((await openCheckpoint(dir)).dimensions).not.toHaveProperty('eotId');
  await tokenizerOf(specials);
  const { dimensions, files } = await openCheckpoint(dir);
  expect(dimensions).toMatchObject({ eotId: 5, bosId: 2 });
  expect(files.map(({ name }) => name)).toEqual([
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});

test("Dream's turn ends at ChatML's mark, or at LLaDA's where the tokenizer has that one only", async () => {
  const size = { dModel: 16, layers: 1, heads: 1, ffnDim: 16, vocabSize: 300, maxSequenceLength: 64 };
  await writeRandomCheckpoint(dir, size, { seed: 's', family: 'dream' });
  await editJson(join(dir, 'config.json'), { mask_token_id: 1 });
  await tokenizerOf(['<|endoftext|>', '<|mask|>', '<|im_start|>', '<|im_end|>']);
  expect((await openCheckpoint(dir)).dimensions).toMatchObject({ eotId: 3 });
  await tokenizerOf(specials);
  expect((await openCheckpoint(dir)).dimensions).toMatchObject({ eotId: 5 });
});

const reference = join(packageRoot, 'models', 'reference');
test.skipIf(!existsSync(join(reference, 'tokenizer_config.json')))(
  "the reference model's template behaves like LLaDA's",
  async () => {
    const tokenizer = (await loadTokenizer(reference))!;
    const own = (await loadChatTemplate(reference, tokenizer))!;
    await cp(join(reference, 'tokenizer.json'), join(dir, 'tokenizer.json'));
    const llada = (await loadChatTemplate(dir, (await loadTokenizer(dir))!))!;
    const messages = [{ role: 'user', content: ' What is 3 + 4?\nA. 7 ' }] as const;
    expect(own.render(messages)).toBe(llada.render(messages));
    expect(tokenizer.encode(own.render(messages))[0]).toBe(tokenizer.id('<|startoftext|>'));
  },
);
