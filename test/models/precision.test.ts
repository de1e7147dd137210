import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLocalEngine } from '../../src/engine/open.js';
import { toFloat32 } from '../../src/formats/safetensors/dtypes.js';
import { readTensor } from '../../src/formats/safetensors/file.js';
import { writeSafetensors } from '../../src/formats/safetensors/write.js';
import { plainSpec } from '../../src/graph/spec.js';
import { type Checkpoint, openCheckpoint } from '../../src/models/checkpoint.js';
import { inspectModel } from '../../src/models/inspect.js';
import { convertCheckpoint } from '../../src/models/precision/convert.js';
import { quantiseInt4, quantiseInt8 } from '../../src/models/precision/quantise.js';
import type { QuantisedPrecision } from '../../src/models/precision/stored.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { Oracle } from '../oracle/forward.js';
import { randomPrompt } from '../oracle/run.js';
import { loadWeights } from '../oracle/weights.js';

const size = { dModel: 64, layers: 2, heads: 4, ffnDim: 96, vocabSize: 160, maxSequenceLength: 64 };
const source = { id: 'small', name: 'Small', settings: 'llada', titleNote: null } as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-precision-'));
  for (const family of ['llada', 'dream'] as const) {
    const kvHeads = family === 'dream' ? { kvHeads: 2 } : {};
    await writeRandomCheckpoint(
      join(folder, family),
      { ...size, ...kvHeads },
      { seed: 'p', family, dtype: 'BF16' },
    );
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const convert = (family: string, precision: QuantisedPrecision) =>
  convertCheckpoint(join(folder, family), { precision, source, cacheDir: join(folder, 'cache') });

describe('values and scales', () => {
  const rng = new Rng('values');
  const weights = Float32Array.from({ length: 6 * 64 }, (_, i) => (i < 64 ? 0 : rng.normal()));

  test('int8: every weight within half a step, the largest of a row at 127', () => {
    const into = new Int8Array(weights.length);
    const scales = quantiseInt8(weights, 64, into, { first: 0, outputs: 6 });
    for (let row = 0; row < 6; row++) {
      const levels = Array.from({ length: 64 }, (_, column) => into[column * 6 + row]!);
      expect(Math.max(...levels.map(Math.abs))).toBe(row === 0 ? 0 : 127);
      for (const [column, level] of levels.entries()) {
        const error = Math.abs(weights[row * 64 + column]! - level * scales[row]!);
        expect(error).toBeLessThanOrEqual(scales[row]! * 0.5001);
      }
    }
  });

  test('int4: every weight within a step, half of one but at the upper end; the largest is met', () => {
    const { values, scales } = quantiseInt4(weights);
    for (const [group, scale] of scales.entries()) {
      let largest = 0;
      let metLargest = false;
      for (let i = group * 32; i < (group + 1) * 32; i++) {
        const byte = values[i >> 1]!;
        const level = i % 2 === 0 ? byte & 15 : byte >> 4;
        const weight = weights[i]!;
        const error = Math.abs(weight - (level - 8) * scale);
        expect(error).toBeLessThanOrEqual(Math.abs(scale) * (level === 15 ? 1 : 0.5001));
        if (Math.abs(weight) > largest) [largest, metLargest] = [Math.abs(weight), error < 1e-6];
      }
      expect(metLargest).toBe(largest > 0);
    }
  });
});

/** The weights that a converted checkpoint stands for, as a plain one. */
async function widened(converted: Checkpoint, dir: string): Promise<string> {
  const tensors = [];
  for (const { role, layer, name, shape } of converted.specs) {
    const { quantised, ...weight } = converted.weight(role, layer);
    const at = (part: { file: string }) => join(converted.weightsDir, part.file);
    let values: Float32Array;
    if (quantised === undefined)
      values = toFloat32(weight.dtype, await readTensor({ ...weight, file: at(weight) }));
    else {
      const levels = await readTensor({ ...quantised.values, file: at(quantised.values) });
      const scales = toFloat32('F32', await readTensor({ ...quantised.scales, file: at(quantised.scales) }));
      const [out, inner] = shape as [number, number];
      values = Float32Array.from({ length: out * inner }, (_, i) => {
        const [row, column] = [Math.floor(i / inner), i % inner];
        if (quantised.precision === 'int8') return ((levels[column * out + row]! << 24) >> 24) * scales[row]!;
        const level = i % 2 === 0 ? levels[i >> 1]! & 15 : levels[i >> 1]! >> 4;
        return (level - 8) * scales[Math.floor(i / 32)]!;
      });
    }
    tensors.push({ name, shape, dtype: 'F32' as const, data: new Uint8Array(values.buffer) });
  }
  await cp(converted.dir, dir, { recursive: true });
  for (const name of await readdir(dir)) if (name !== 'config.json') await rm(join(dir, name));
  await writeSafetensors(join(dir, 'model.safetensors'), tensors);
  return dir;
}

describe.each(['llada', 'dream'] as const)('a converted %s', (family) => {
  // int8 rounds the rows of a pass, too: to 1 part in 255 of their range, in each of the products.
  test.each([
    ['int4', 2e-3],
    ['int8', 1],
  ] as const)('%s computes what its weights say', async (precision, tolerance) => {
    const dir = await convert(family, precision);
    const converted = await openCheckpoint(dir);
    const plain = await widened(converted, join(folder, `${family}-${precision}`));
    const tokens = randomPrompt(new Rng('tokens'), 12, converted.dimensions);
    const rows = [...tokens.keys()];
    const { logits } = new Oracle(await loadWeights(plain), 12).uniform(tokens, rows, rows);
    const engine = await openLocalEngine({ checkpointDir: dir, threads: 1 });
    try {
      await engine.begin({ spec: { ...plainSpec, logits: true }, length: 12 });
      const all = Int32Array.from(rows);
      const plan = { kind: 'uniform', rows: all, store: 'all' } as const;
      const result = await engine.step({ tokens, headRows: all, plan, pass: 0 });
      let squares = 0;
      let largest = 0;
      for (const row of rows) {
        for (const [id, expected] of logits.get(row)!.entries()) {
          const error = Math.abs(result.logits![row * size.vocabSize + id]! - expected);
          squares += error ** 2;
          largest = Math.max(largest, error);
        }
      }
      expect(largest).toBeLessThan(tolerance);
      expect(Math.sqrt(squares / result.logits!.length)).toBeLessThan(tolerance / 4);
    } finally {
      await engine.close();
    }
  });

  test.each([
    'int8',
    'int4',
  ] as const)('%s is made once, is found whole, and holds a fraction', async (precision) => {
    const dir = await convert(family, precision);
    const marker = join(dir, 'marker');
    await writeFile(marker, '');
    expect(await convert(family, precision)).toBe(dir);
    expect(await readdir(dir)).toContain('marker');
    await rm(marker);
    const { findings } = await inspectModel(dir);
    expect(findings.filter(({ state }) => state === 'broken')).toEqual([]);
    const [before, after] = [await openCheckpoint(join(folder, family)), await openCheckpoint(dir)];
    expect(after.totalBytes / before.totalBytes).toBeLessThan(precision === 'int8' ? 0.75 : 0.55);
  });
});

describe('a conversion', () => {
  test('that is interrupted leaves nothing that counts, and two at once make one folder', async () => {
    const cacheDir = join(folder, 'interrupted');
    const aborted = AbortSignal.abort(new Error('stop'));
    const options = { precision: 'int8', source, cacheDir } as const;
    const dir = join(folder, 'llada');
    await expect(convertCheckpoint(dir, { ...options, signal: aborted })).rejects.toThrow('stop');
    expect(await readdir(cacheDir)).toEqual([]);
    const [one, two] = await Promise.all([convertCheckpoint(dir, options), convertCheckpoint(dir, options)]);
    expect(one).toBe(two);
    expect(await readdir(cacheDir)).toHaveLength(1);
  });

  test('whose files were cut is made anew', async () => {
    const dir = await convert('llada', 'int4');
    const layer = join(dir, 'model-layer-1.safetensors');
    const before = await readFile(layer);
    await writeFile(layer, before.subarray(0, 100));
    expect(await convert('llada', 'int4')).toBe(dir);
    expect(before.equals(await readFile(layer))).toBe(true);
  });

  test('that has no place is one sentence', async () => {
    const cacheDir = join(folder, 'llada', 'config.json', 'cache');
    await expect(
      convertCheckpoint(join(folder, 'llada'), { precision: 'int8', source, cacheDir }),
    ).rejects.toMatchObject({
      code: 'CACHE_NOT_WRITABLE',
      message: `cannot create the folder of converted models ${cacheDir} (ENOTDIR); set REPRO_CACHE to another one.`,
    });
  });

  test('that the disk has no room for is refused before anything is written', async () => {
    const cacheDir = join(folder, 'full');
    const options = { precision: 'int8', source, cacheDir, freeBytes: async () => 1000 } as const;
    const dir = join(folder, 'llada');
    await expect(convertCheckpoint(dir, options)).rejects.toMatchObject({
      code: 'DISK_SMALL',
      message:
        `${dir} in int8 takes 0.1 MB of disk, and ${cacheDir} has 0.0 MB free; make room, or set REPRO_CACHE to a ` +
        'folder on a larger disk.',
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('of another version is refused in a sentence', async () => {
    const dir = join(folder, 'old');
    await cp(await convert('llada', 'int8'), dir, { recursive: true });
    const path = join(dir, 'repro.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"version": 1', '"version": 0'));
    await expect(openCheckpoint(dir)).rejects.toMatchObject({
      code: 'MODEL_CONVERSION',
      message: `${path}: made by another version, or damaged; delete this folder and convert again with --precision.`,
    });
  });
});
