import { createHash } from 'node:crypto';
import { cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FakeHub } from '../hub/fake-hub.js';
import { repro } from './run.js';

/** LLaDA's true width and names, one layer and few words: 0.4 GB in float16 shards. */
const small = ['--like', 'llada-8b', '--layers', '1', '--vocab', '1100', '--dtype', 'bf16'];

let folder: string;
let whole: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-models-'));
  whole = join(folder, 'whole');
  const written = await repro(['models', 'random', ...small, whole]);
  expect(written.code, written.stderr).toBe(0);
  expect(written.stdout).toMatch(/random weights in the layout of llada-8b, 227,127,296 parameters, 0\.5 GB/);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Digest of every file of a folder. */
async function digests(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).sort();
  const pairs = names.map(async (name) => {
    const hash = createHash('sha256').update(await readFile(join(dir, name)));
    return [name, hash.digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

describe('repro models random', () => {
  test('interrupted, killed, or written by two at once it ends in the same files', async () => {
    const expected = await digests(whole);
    expect(Object.keys(expected)).toEqual([
      'config.json',
      'model-00001-of-00001.safetensors',
      'model.safetensors.index.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const dir = join(folder, signal);
      const stopped = await repro(['models', 'random', ...small, dir], {
        onStart: (child) => {
          const timer = setInterval(async () => {
            const names = await readdir(dir).catch(() => []);
            if (!names.some((name) => name.endsWith('.partial'))) return;
            clearInterval(timer);
            child.kill(signal);
          }, 5);
          child.once('close', () => clearInterval(timer));
        },
      });
      expect(stopped.code, stopped.stderr).toBe(signal === 'SIGINT' ? 130 : 'SIGKILL');
      expect(await readdir(dir)).not.toContain('config.json');
      const twice = await Promise.all([1, 2].map(() => repro(['models', 'random', ...small, dir])));
      for (const { code, stderr } of twice) expect(code, stderr).toBe(0);
      expect(await digests(dir)).toEqual(expected);
      await rm(dir, { recursive: true });
    }
  });

  test.each([
    [
      ['--like', 'dream-7b', '--layers', '1', '--vocab', '1100'],
      'whole',
      /holds a checkpoint of other sizes; name a new folder/,
      2,
    ],
    [small, '.', /holds something else \(.*\); name a new folder/, 2],
    [['--layers', '1'], 'x', /needs --like: llada-8b, llada-1\.5 or dream-7b/, 2],
    [['--like', 'llada-8b', '--vocab', '500'], 'x', /--vocab is 500, but it must be at least 10\d\d/, 2],
    [
      ['--like', 'llada-8b', '--layers', '0'],
      'x',
      /--layers is 0, but it must be a whole number of at least 1/,
      2,
    ],
  ] as const)('%j into %s', async (flags, dir, sentence, code) => {
    const refused = await repro(['models', 'random', ...flags, join(folder, dir)]);
    expect(refused.stderr).toMatch(sentence);
    expect(refused.code).toBe(code);
    expect(refused.stdout).toBe('');
  });
});

describe('repro models check', () => {
  test('says what is there, and what it takes', async () => {
    const checked = await repro(['models', 'check', whole]);
    expect(checked.code, checked.stdout).toBe(0);
    expect(checked.stdout).toMatch(
      /ok +config +LLaDA: 1 layer of 4096, 32 heads, FFN 12288, vocabulary 1100/,
    );
    expect(checked.stdout).toMatch(/ok +weights +12 tensors, 227,127,296 parameters, BF16, 1 file/);
    expect(checked.stdout).toMatch(/ok +tokens +mask 1096 <\|mdm_mask\|>, end of text 1095 <\|endoftext\|>/);
    expect(checked.stdout).toMatch(/memory +cpu fp32: about 1\.\d GB for a canvas of 2048, this machine has/);
    const generated = await repro([
      'generate',
      '--model',
      whole,
      '--prompt',
      'a',
      '--gen-length',
      '4',
      '--block-length',
      '4',
    ]);
    expect(generated.code, generated.stderr).toBe(0);
  });

  const shard = 'model-00001-of-00001.safetensors';
  const rewrite = async (dir: string, name: string, from: string | RegExp, to: string) => {
    const text = await readFile(join(dir, name), 'utf8');
    expect(text).toMatch(from);
    await writeFile(join(dir, name), text.replace(from, to));
  };
  /** Replaces text of the header by text of the same length. */
  const rewriteHeader = async (dir: string, from: string, to: string) => {
    const file = await open(join(dir, shard), 'r+');
    const head = Buffer.alloc(20_000);
    await file.read(head, 0, head.length, 0);
    const at = head.indexOf(from);
    expect(at).toBeGreaterThan(0);
    expect(to).toHaveLength(from.length);
    await file.write(to, at);
    await file.close();
  };

  test.each<[string, (dir: string) => Promise<unknown>, RegExp]>([
    [
      'a shard is gone',
      (dir) => rm(join(dir, shard)),
      /names model-00001-of-00001\.safetensors, but .*no such file; download the missing file/,
    ],
    [
      'a shard is cut',
      (dir) => truncate(join(dir, shard), 1e6),
      /model-00001-of-00001\.safetensors: .*download/,
    ],
    [
      'an index names what is not there',
      (dir) =>
        rewrite(
          dir,
          'model.safetensors.index.json',
          '"model.transformer.ln_f.weight"',
          '"model.transformer.ln_g.weight"',
        ),
      /"model\.transformer\.ln_g\.weight" should be in model-00001-of-00001\.safetensors, which does not have it/,
    ],
    [
      'a tensor has a type that is not read',
      (dir) => rewriteHeader(dir, '"BF16","shape":[4096]', '"I16", "shape":[4096]'),
      /has dtype I16; supported are F32, F16, BF16/,
    ],
    [
      'a config is of another architecture',
      (dir) => rewrite(dir, 'config.json', '"model_type": "llada"', '"model_type": "qwen2"'),
      /"model_type" is "qwen2"; supported: llada, Dream/,
    ],
    [
      'a config has more layers',
      (dir) => rewrite(dir, 'config.json', '"n_layers": 1', '"n_layers": 2'),
      /lack tensor "model\.transformer\.blocks\.1\.attn_norm\.weight"/,
    ],
    [
      'ids are of another model',
      (dir) => rewrite(dir, 'config.json', '"eos_token_id": 1095', '"eos_token_id": 1050'),
      /"eos_token_id" of config\.json is 1050, which the tokenizer does not have/,
    ],
    [
      'a template does not parse',
      (dir) => rewrite(dir, 'tokenizer_config.json', /"chat_template": ".*"/, '"chat_template": "{% for"'),
      /the chat template does not parse/,
    ],
    [
      'there is no tokenizer',
      (dir) => rm(join(dir, 'tokenizer.json')),
      /note +tokenizer .* has no tokenizer\.json/,
    ],
  ])('%s', async (name, damage, sentence) => {
    const dir = join(folder, 'damaged');
    await cp(whole, dir, { recursive: true });
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await damage(dir);
    const checked = await repro(['models', 'check', dir]);
    expect(checked.stdout).toMatch(sentence);
    expect(checked.stderr).toBe('');
    expect(checked.code).toBe(name === 'there is no tokenizer' ? 0 : 1);
  });
});

describe('a model of the hub', () => {
  const commit = 'd'.repeat(40);

  test('is pulled into the cache that Python shares, and runs by its id without a network', async () => {
    const hub = await FakeHub.start();
    onTestFinished(() => hub.stop());
    hub.kind = 'models';
    hub.id = 'GSAI-ML/LLaDA-8B-Instruct';
    hub.branches.set('main', commit);
    const reference = join('models', 'reference');
    for (const name of await readdir(reference)) {
      hub.files.set(name, {
        content: await readFile(join(reference, name)),
        lfs: name.endsWith('.safetensors'),
      });
    }
    const home = await mkdtemp(join(folder, 'home-'));
    const none = await repro(['models', 'check', hub.id], { env: { HF_HOME: home, HOME: home } });
    expect(none.stderr).toMatch(/is not in .*hub; type: repro models pull GSAI-ML\/LLaDA-8B-Instruct/);
    expect(none.code).toBe(2);
    const pulled = await repro(['models', 'pull', hub.id], {
      env: { HF_HOME: home, HF_ENDPOINT: hub.endpoint },
    });
    expect(pulled.code, pulled.stderr).toBe(0);
    expect(pulled.stdout).toContain(`GSAI-ML/LLaDA-8B-Instruct at ${commit}: 5 files, 0.0 GB`);
    const snapshot = join(home, 'hub', 'models--GSAI-ML--LLaDA-8B-Instruct', 'snapshots', commit);
    expect(await readdir(snapshot)).not.toContain('README.md');
    const offline = { env: { HF_HOME: home, HF_HUB_OFFLINE: '1' } };
    const generated = await repro(
      ['generate', '--model', hub.id, '--prompt', 'What is 3 + 4?', '--json'],
      offline,
    );
    expect(JSON.parse(generated.stdout)).toMatchObject({ model: 'llada-8b-instruct', method: 'vanilla' });
    const listed = await repro(['models', 'list'], offline);
    expect(listed.stdout).toContain(`llada-8b-instruct  llada  ${snapshot}`);
  });
});
