import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { toFloat32 } from '../../src/formats/safetensors/dtypes.js';
import { openSafetensors, readTensor } from '../../src/formats/safetensors/file.js';
import { writeSafetensors } from '../../src/formats/safetensors/write.js';
import { type Checkpoint, checkpointSha256, openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';

const models = fileURLToPath(new URL('../fixtures/conformance/models/', import.meta.url));
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-checkpoint-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const weight = checkpoint.weights.get(name)!;
  const bytes = await readTensor({ ...weight, name, file: join(checkpoint.weightsDir, weight.file) });
  return toFloat32(weight.dtype, bytes);
}

async function refusal(path: string): Promise<UsageError> {
  const error: unknown = await openCheckpoint(path).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

describe('conformance models', () => {
  test('a single file: places, roles, sizes, digests', async () => {
    const checkpoint = await openCheckpoint(join(models, 'tiny-llada-a'));
    expect(checkpoint.weights.size).toBe(3 + 9 * 4);
    const head = checkpoint.weight('head');
    expect(head).toEqual({
      name: 'model.transformer.ff_out.weight',
      file: 'model.safetensors',
      dtype: 'F32',
      shape: [320, 64],
      offset: expect.any(Number),
      bytes: 320 * 64 * 4,
    });
    expect(checkpoint.weight('down', 2).name).toBe('model.transformer.blocks.2.ff_out.weight');
    expect(() => checkpoint.weight('down', 4)).toThrow(RangeError);
    expect(checkpoint.totalBytes).toBe(968_960);
    expect(checkpoint.files.map(({ name }) => name)).toEqual(['config.json', 'model.safetensors']);
    const content = readFileSync(join(models, 'tiny-llada-a', 'model.safetensors'));
    expect(await checkpoint.files[1]!.sha256()).toBe(createHash('sha256').update(content).digest('hex'));
    // The models' page says that the output row of the mask is zero.
    const rows = await read(checkpoint, head.name);
    expect(rows.subarray(319 * 64).every((x) => x === 0)).toBe(true);
    expect(rows.subarray(0, 64).every((x) => x !== 0)).toBe(true);
  });

  test('shards in bfloat16 hold the rounded weights of the single file', async () => {
    const single = await openCheckpoint(join(models, 'tiny-llada-a'));
    const sharded = await openCheckpoint(join(models, 'tiny-llada-a-sharded-bf16'));
    expect(sharded.dimensions).toEqual(single.dimensions);
    expect(new Set([...sharded.weights.values()].map(({ file }) => file)).size).toBe(3);
    expect(sharded.totalBytes).toBe(single.totalBytes / 2);
    for (const name of single.weights.keys()) {
      const exact = await read(single, name);
      const rounded = await read(sharded, name);
      for (let i = 0; i < exact.length; i += 7) {
        expect(Math.abs(rounded[i]! - exact[i]!)).toBeLessThanOrEqual(Math.abs(exact[i]!) / 256);
      }
    }
    expect(await checkpointSha256(sharded)).not.toBe(await checkpointSha256(single));
  });

  test('32 layers', async () => {
    const { dimensions } = await openCheckpoint(join(models, 'tiny-llada-l32'));
    expect(dimensions).toMatchObject({ layers: 32, heads: 2, headDim: 16, ffnDim: 64 });
  });

  test('our writer gives the bytes of the writer that made the model', async () => {
    const path = join(models, 'tiny-llada-a', 'model.safetensors');
    const file = await openSafetensors(path);
    const tensors = await Promise.all(
      [...file.tensors.values()].map(async (tensor) => ({ ...tensor, data: await readTensor(tensor) })),
    );
    const copy = join(dir, 'copy.safetensors');
    await writeSafetensors(copy, tensors, Object.fromEntries(file.metadata));
    expect(readFileSync(copy).equals(readFileSync(path))).toBe(true);
  });
});

describe('wrong directories give one sentence', () => {
  /** A copy of a conformance model that a test may damage. */
  function copyOf(model: string, name: string): string {
    cpSync(join(models, model), join(dir, name), { recursive: true });
    return join(dir, name);
  }

  test('none, a file, an empty one, one without weights', async () => {
    expect((await refusal(join(dir, 'nowhere'))).message).toMatch(
      /no model directory .*nowhere.*config\.json/,
    );
    writeFileSync(join(dir, 'file'), '');
    expect((await refusal(join(dir, 'file'))).message).toContain('not a directory');
    await mkdir(join(dir, 'empty'));
    const empty = await refusal(join(dir, 'empty'));
    expect(empty).toMatchObject({ code: 'MODEL_INCOMPLETE', exitCode: 2 });
    expect(empty.message).toContain('--model reference');
    cpSync(join(models, 'tiny-llada-a', 'config.json'), join(dir, 'empty', 'config.json'));
    expect((await refusal(join(dir, 'empty'))).message).toContain('no weights');
  });

  test('a config that asks for other tensors than the file has', async () => {
    const path = copyOf('tiny-llada-a', 'other-config');
    const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as object;
    const change = (keys: object): void =>
      writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, ...keys }));
    change({ n_layers: 5 });
    expect(await refusal(path)).toMatchObject({
      code: 'MODEL_MISSING_TENSOR',
      message: expect.stringContaining('blocks.4.attn_norm'),
    });
    change({ mlp_hidden_size: 180 });
    const shape = await refusal(path);
    expect(shape.code).toBe('MODEL_WRONG_SHAPE');
    expect(shape.message).toMatch(/model\.safetensors.*ff_proj.*\[176, 64\].*\[180, 64\]/);
  });

  test('weights that are integers', async () => {
    const path = copyOf('tiny-llada-a', 'integers');
    const file = await openSafetensors(join(path, 'model.safetensors'));
    const tensors = await Promise.all(
      [...file.tensors.values()].map(async (t) => {
        const dtype = t.name.endsWith('ln_f.weight') ? ('I32' as const) : t.dtype;
        return { ...t, dtype, data: await readTensor(t) };
      }),
    );
    await writeSafetensors(join(path, 'model.safetensors'), tensors);
    expect(await refusal(path)).toMatchObject({
      code: 'MODEL_WRONG_DTYPE',
      message: expect.stringMatching(/ln_f.*I32/),
    });
  });

  test('a missing shard, a truncated file', async () => {
    const sharded = copyOf('tiny-llada-a-sharded-bf16', 'missing-shard');
    rmSync(join(sharded, 'model-00002-of-00003.safetensors'));
    expect((await refusal(sharded)).message).toContain('model-00002-of-00003.safetensors');
    const single = copyOf('tiny-llada-a', 'truncated');
    const path = join(single, 'model.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, -100));
    expect(await refusal(single)).toMatchObject({
      code: 'SAFETENSORS_OUT_OF_RANGE',
      message: expect.stringContaining('model.transformer.ff_out.weight'),
    });
  });
});

describe('random checkpoints', () => {
  const size = { dModel: 32, layers: 2, heads: 2, ffnDim: 48, vocabSize: 64, maxSequenceLength: 128 };

  test('open with the dimensions that were asked for; the seed fixes every byte', async () => {
    const first = await writeRandomCheckpoint(join(dir, 'r1'), size, { seed: 's' });
    await writeRandomCheckpoint(join(dir, 'r2'), size, { seed: 's' });
    await writeRandomCheckpoint(join(dir, 'r3'), size, { seed: 't' });
    const checkpoint = await openCheckpoint(join(dir, 'r1'));
    expect(checkpoint.dimensions).toEqual(first);
    expect(checkpoint.dimensions).toMatchObject({ ...size, maskId: 63, eosId: 62, headDim: 16 });
    const [a, b, c] = ['r1', 'r2', 'r3'].map((name) => readFileSync(join(dir, name, 'model.safetensors')));
    expect(a!.equals(b!)).toBe(true);
    expect(a!.equals(c!)).toBe(false);
    const head = await read(checkpoint, 'model.transformer.ff_out.weight');
    expect(head.subarray(63 * 32).every((x) => x === 0)).toBe(true);
  });

  test('in bfloat16', async () => {
    await writeRandomCheckpoint(join(dir, 'r4'), size, { seed: 's', dtype: 'BF16' });
    const checkpoint = await openCheckpoint(join(dir, 'r4'));
    expect(checkpoint.weight('q', 1)).toMatchObject({ dtype: 'BF16', bytes: 32 * 32 * 2 });
  });
});
