import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadChatTemplate } from '../../src/models/chat.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { inspectModel } from '../../src/models/inspect.js';
import { loadTokenizer } from '../../src/models/tokenizer.js';
import { noTokenizerText } from '../../src/models/tokenizer-files.js';
import { packageRoot } from '../../src/paths.js';
import { editJson, writeTextCheckpoint } from './text-checkpoint.js';

let root: string;
let dir: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'repro-tokenizer-files-'));
  await writeTextCheckpoint(join(root, 'base'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  dir = await mkdtemp(join(root, 'case-'));
  await cp(join(root, 'base'), dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

const file = (name: string) => join(dir, name);
const write = (name: string, value: unknown) => writeFile(file(name), JSON.stringify(value));
const config = (change: object) => editJson(file('tokenizer_config.json'), change);
const tokenizerJson = (change: object) => editJson(file('tokenizer.json'), change);
const noDecoder = { added_tokens_decoder: undefined };
const noTokens = { bos_token: undefined, eos_token: undefined, pad_token: undefined };

/** The special tokens of the reference model, by id. */
const specials = [
  ...['<|endoftext|>', '<|mdm_mask|>', '<|startoftext|>'],
  ...['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'],
];

async function vocabularyFiles(): Promise<void> {
  const { model } = JSON.parse(await readFile(file('tokenizer.json'), 'utf8')) as {
    model: { vocab: Record<string, number>; merges: string[] };
  };
  await write('vocab.json', model.vocab);
  await writeFile(file('merges.txt'), `#version: 0.2\n${model.merges.join('\n')}\n`);
  await rm(file('tokenizer.json'));
}

describe('the same tokenizer, wherever its parts stand', () => {
  const object = (content: string) => ({ content, lstrip: false, rstrip: false, normalized: false });
  const variants: Record<string, () => Promise<unknown>> = {
    'as transformers writes it now': async () => undefined,
    'tokens as objects': () =>
      config({ bos_token: object('<|startoftext|>'), eos_token: object('<|endoftext|>') }),
    'no tokenizer_config.json': () => rm(file('tokenizer_config.json')),
    'special_tokens_map.json beside a config without tokens': async () => {
      await config({ ...noTokens, bos_token: null });
      await write('special_tokens_map.json', {
        bos_token: object('<|startoftext|>'),
        eos_token: '<|endoftext|>',
      });
    },
    'added tokens in added_tokens_decoder alone': () => tokenizerJson({ added_tokens: [] }),
    'added tokens in added_tokens.json, named as special in special_tokens_map.json': async () => {
      await tokenizerJson({ added_tokens: undefined });
      await config(noDecoder);
      await write('added_tokens.json', Object.fromEntries(specials.map((token, id) => [token, id])));
      await write('special_tokens_map.json', { additional_special_tokens: specials });
    },
    'special tokens that are named and stand in the vocabulary': async () => {
      await tokenizerJson({ added_tokens: [] });
      await config({ ...noDecoder, additional_special_tokens: specials.map(object) });
    },
    'no bos, eos and pad, and no template': () =>
      config({ bos_token: null, eos_token: null, pad_token: null, chat_template: undefined }),
    add_bos_token: () => config({ add_bos_token: true }),
    'vocab.json and merges.txt, as Dream has them': async () => {
      await vocabularyFiles();
      await config({ tokenizer_class: 'DreamTokenizer' });
    },
  };

  test.each(Object.entries(variants))('%s', async (_, change) => {
    await change();
    const tokenizer = (await loadTokenizer(dir))!;
    const ids = tokenizer.encode('<|startoftext|>What<|eot_id|><|mdm_mask|>');
    expect(ids).toEqual([2, tokenizer.id('What'), 5, 1]);
    expect(tokenizer.decode(ids)).toBe('What');
    expect((await openCheckpoint(dir)).dimensions).toMatchObject({ bosId: 2, eotId: 5, maskId: 1 });
    const template = (await loadChatTemplate(dir, tokenizer))!;
    expect(template.render([{ role: 'user', content: 'x' }])).toBe(
      '<|startoftext|><|start_header_id|>user<|end_header_id|>\n\nx<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
    );
    expect((await inspectModel(dir)).findings.filter(({ state }) => state === 'broken')).toEqual([]);
  });

  test('every file that counts enters the digest of the checkpoint', async () => {
    await vocabularyFiles();
    await config({ tokenizer_class: 'DreamTokenizer' });
    await write('special_tokens_map.json', {});
    expect((await openCheckpoint(dir)).files.map(({ name }) => name)).toEqual([
      ...['config.json', 'merges.txt', 'model.safetensors'],
      ...['special_tokens_map.json', 'tokenizer_config.json', 'vocab.json'],
    ]);
  });
});

test("Qwen2's vocabulary files give the ids of Hugging Face's tokenizers 0.23.2", async () => {
  await vocabularyFiles();
  await config({ tokenizer_class: 'Qwen2Tokenizer' });
  const tokenizer = (await loadTokenizer(dir))!;
  const recorded = JSON.parse(
    await readFile(join(packageRoot, 'test', 'fixtures', 'tokenizer', 'qwen2-ids.json'), 'utf8'),
  ) as { text: string; ids: number[] }[];
  expect(recorded.map(({ text }) => ({ text, ids: tokenizer.encode(text) }))).toEqual(recorded);
});

describe('a folder whose tokenizer cannot be read', () => {
  test('without any file', async () => {
    await rm(file('tokenizer.json'));
    expect(await loadTokenizer(dir)).toBeUndefined();
    expect(await noTokenizerText(dir)).toBe(`${dir} has no tokenizer.json`);
  });

  test('with a vocabulary of a class that is not known, or without merges', async () => {
    await vocabularyFiles();
    expect(await loadTokenizer(dir)).toBeUndefined();
    expect(await noTokenizerText(dir)).toMatch(
      /has vocab\.json and merges\.txt but no tokenizer\.json, and "tokenizer_class" of tokenizer_config\.json is "PreTrainedTokenizerFast", not one of .*DreamTokenizer\); transformers writes a tokenizer\.json with /,
    );
    await config({ tokenizer_class: 'DreamTokenizer' });
    await rm(file('merges.txt'));
    expect(await loadTokenizer(dir)).toBeUndefined();
    expect(await noTokenizerText(dir)).toMatch(
      /has vocab\.json but neither tokenizer\.json nor merges\.txt; /,
    );
  });

  test('with a line that is no merge', async () => {
    await vocabularyFiles();
    await config({ tokenizer_class: 'DreamTokenizer' });
    await writeFile(file('merges.txt'), '#version: 0.2\ne s\nno-merge\n');
    await expect(loadTokenizer(dir)).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
      message: `${file('merges.txt')}:3: "no-merge" is no merge of two tokens; download it again`,
    });
  });

  test.each([
    'tokenizer_config.json',
    'special_tokens_map.json',
    'added_tokens.json',
  ])('damaged: %s', async (name) => {
    await writeFile(file(name), '{');
    const refused = {
      code: 'TOKENIZER_INVALID',
      message: `${file(name)}: not a JSON object; download it again`,
    };
    await expect(loadTokenizer(dir)).rejects.toMatchObject(refused);
    const broken = (await inspectModel(dir)).findings.filter(({ state }) => state === 'broken');
    expect(broken.map(({ text }) => text)).toEqual([refused.message]);
  });
});

describe('what config.json and tokenizer disagree in', () => {
  test.each([
    ['a mask_token', () => config({ mask_token: '<|eot_id|>' }), '5 (<|eot_id|>)'],
    [
      'a mask among the added tokens',
      () => editJson(file('config.json'), { mask_token_id: 9 }),
      '1 (<|mdm_mask|>)',
    ],
  ])('%s with another id is refused, wherever the checkpoint is opened', async (_, change, mask) => {
    await change();
    const message = expect.stringContaining(
      `but the mask of the tokenizer is ${mask}; one of the two is of another model`,
    );
    await expect(openCheckpoint(dir)).rejects.toMatchObject({ code: 'MODEL_MASK', message });
    expect((await inspectModel(dir)).findings).toContainEqual({
      part: 'tokens',
      state: 'broken',
      text: message,
    });
  });

  test('a mask that has no token, or is named as in config.json, is fine', async () => {
    await config({ mask_token: '<|mdm_mask|>' });
    expect((await openCheckpoint(dir)).dimensions.maskId).toBe(1);
    await rm(file('tokenizer.json'));
    await editJson(file('config.json'), { mask_token_id: 9 });
    expect((await openCheckpoint(dir)).dimensions.maskId).toBe(9);
  });

  test('is noted: another end or start of text, a token without an id, add_bos_token', async () => {
    await editJson(file('config.json'), { bos_token_id: 0 });
    await config({ eos_token: '<|eot_id|>', sep_token: '<sep>', add_bos_token: true });
    const { findings } = await inspectModel(dir);
    const notes = findings.filter(({ state }) => state === 'note').map(({ text }) => text);
    expect(notes).toEqual([
      'config.json ends texts with 0 <|endoftext|>, the tokenizer with 5 <|eot_id|>; config.json counts',
      'special tokens without an id, which texts never have: <sep>',
      expect.stringContaining('"add_bos_token" is true, which is not followed'),
    ]);
    expect((await openCheckpoint(dir)).dimensions.bosId).toBe(2);
  });
});

describe('the chat template', () => {
  const template = (name: string) => `{{ '${name}' }}`;
  const rendered = async () => (await loadChatTemplate(dir, (await loadTokenizer(dir))!))?.render([]);

  test('comes from chat_template.jinja, then chat_template.json, then the config', async () => {
    await config({
      chat_template: [
        { name: 'rag', template: 'no' },
        { name: 'default', template: template('list') },
      ],
    });
    expect(await rendered()).toBe('list');
    await write('chat_template.json', { chat_template: template('json') });
    expect(await rendered()).toBe('json');
    await writeFile(file('chat_template.jinja'), template('jinja'));
    expect(await rendered()).toBe('jinja');
    expect((await openCheckpoint(dir)).files.map(({ name }) => name)).toContain('chat_template.json');
  });

  test.each([
    [
      [
        { name: 'rag', template: 'x' },
        { name: 'tool', template: 'y' },
      ],
      'is a list without one called "default" (rag, tool)',
    ],
    [[], 'is a list without one called "default" (empty)'],
    [7, 'is neither text nor a list of { name, template }'],
  ])('%j is refused', async (chat_template, problem) => {
    await config({ chat_template });
    const message = `${file('tokenizer_config.json')}: "chat_template" ${problem}; write the one to use into chat_template.jinja, which comes first.`;
    await expect(rendered()).rejects.toMatchObject({ code: 'CHAT_TEMPLATE_INVALID', message });
    expect((await inspectModel(dir)).findings).toContainEqual({
      part: 'template',
      state: 'broken',
      text: message,
    });
  });

  test('that uses a token which no file names says so', async () => {
    await config({ bos_token: null });
    const template = (await loadChatTemplate(dir, (await loadTokenizer(dir))!))!;
    expect(() => template.render([{ role: 'user', content: 'x' }])).toThrow(
      /^the chat template refuses these messages \(.*\); name "bos_token", which it uses, in tokenizer_config\.json$/,
    );
  });

  test('a model file may choose another, or none', async () => {
    const tokenizer = (await loadTokenizer(dir))!;
    expect(await loadChatTemplate(dir, tokenizer, 'none')).toBeUndefined();
    expect(
      (await loadChatTemplate(dir, tokenizer, 'chatml'))!.render([{ role: 'user', content: 'x' }]),
    ).toMatch(/^<\|im_start\|>system/);
  });

  test('none is noted', async () => {
    await config({ chat_template: null, ...noDecoder });
    const { added_tokens } = JSON.parse(await readFile(file('tokenizer.json'), 'utf8')) as {
      added_tokens: unknown[];
    };
    await tokenizerJson({
      added_tokens: added_tokens.slice(0, 3),
      model: { type: 'BPE', vocab: { x: 6 }, merges: [] },
    });
    expect(await rendered()).toBeUndefined();
    expect((await inspectModel(dir)).findings).toContainEqual({
      part: 'template',
      state: 'note',
      text: expect.stringMatching(
        /^none: prompts go in as they are, as for a base model; for an instruct model put its chat_template\.jinja/,
      ),
    });
  });
});
