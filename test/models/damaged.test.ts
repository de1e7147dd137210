import { cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { inspectModel } from '../../src/models/inspect.js';
import { fixtureModels } from '../oracle/checkpoints.js';

const shard = (k: number) => `model-0000${k}-of-00003.safetensors`;
const index = 'model.safetensors.index.json';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-damaged-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests break.
async function editJson(path: string, change: (json: any) => void): Promise<void> {
  const json = JSON.parse(await readFile(path, 'utf8'));
  change(json);
  await writeFile(path, JSON.stringify(json));
}

const config = (values: Record<string, unknown>) => (dir: string) =>
  editJson(join(dir, 'config.json'), (json) => Object.assign(json, values));

/** Gives the last tensor of a shard one byte a value. */
async function makeFloat8(path: string): Promise<void> {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const last = names.reduce((a, b) => (header[a].data_offsets[1] > header[b].data_offsets[1] ? a : b));
  const [from, to] = header[last].data_offsets;
  header[last] = { ...header[last], dtype: 'F8_E4M3', data_offsets: [from, (from + to) / 2] };
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  await writeFile(
    path,
    Buffer.concat([size, text, bytes.subarray(8 + length, 8 + length + (from + to) / 2)]),
  );
}

/** What is done to the sharded checkpoint, and what both `models check` and a load must say. */
const damages: Record<string, [(dir: string) => Promise<unknown>, RegExp]> = {
  'a deleted shard': [
    (dir) => rm(join(dir, shard(2))),
    /index\.json names model-00002-of-00003\.safetensors, but .*no such file; download the missing file/,
  ],
  'a truncated shard': [
    (dir) => truncate(join(dir, shard(2)), 100_000),
    /model-00002-of-00003\.safetensors: tensor ".*" ends at data byte \d+, but the file holds \d+; download it again/,
  ],
  'two swapped shards': [
    async (dir) => {
      await rename(join(dir, shard(1)), join(dir, 'other'));
      await rename(join(dir, shard(2)), join(dir, shard(1)));
      await rename(join(dir, 'other'), join(dir, shard(2)));
    },
    /index\.json: tensor ".*" should be in model-0000[12]-of-00003\.safetensors, which does not have it; download both/,
  ],
  'an index that names another file': [
    (dir) =>
      editJson(join(dir, index), ({ weight_map }) => {
        const [name] = Object.keys(weight_map);
        weight_map[name!] = weight_map[name!] === shard(3) ? shard(1) : shard(3);
      }),
    /index\.json: tensor ".*" should be in model-0000[13]-of-00003\.safetensors, which does not have it/,
  ],
  'an index without a tensor': [
    (dir) => editJson(join(dir, index), ({ weight_map }) => delete weight_map[Object.keys(weight_map)[3]!]),
    /the weights lack tensor ".*", which config\.json asks for; the download is incomplete or of another model/,
  ],
  'a float8 tensor': [
    (dir) => makeFloat8(join(dir, shard(1))),
    /model-00001-of-00003\.safetensors: tensor ".*" has dtype F8_E4M3; supported are F32, F16, BF16/,
  ],
  LLaMA: [config({ model_type: 'llama' }), /config\.json: "model_type" is "llama"; supported: llada, Dream/],
  Qwen2: [config({ model_type: 'qwen2' }), /config\.json: "model_type" is "qwen2"; supported: llada, Dream/],
  'LLaDA-MoE': [
    config({ model_type: 'llada_moe', architectures: ['LLaDAMoEModelLM'] }),
    /config\.json: "model_type" is "llada_moe"; supported: llada, Dream/,
  ],
  ALiBi: [config({ alibi: true }), /config\.json: "alibi" is true; only false is supported/],
  'another norm': [
    config({ layer_norm_type: 'default' }),
    /config\.json: "layer_norm_type" is "default"; only "rms" is supported/,
  ],
  'tied weights': [
    config({ weight_tying: true }),
    /config\.json: "weight_tying" is true; only false is supported/,
  ],
};

describe('a sharded checkpoint with', () => {
  test.each(Object.entries(damages))('%s is refused by name', async (name, [damage, sentence]) => {
    const dir = join(folder, name.replaceAll(' ', '-'));
    await cp(join(fixtureModels, 'tiny-llada-a-sharded-bf16'), dir, { recursive: true });
    await openCheckpoint(dir);
    await damage(dir);
    await expect(openCheckpoint(dir)).rejects.toThrow(sentence);
    expect(JSON.stringify(await inspectModel(dir)).replaceAll('\\"', '"')).toMatch(sentence);
  });
});
