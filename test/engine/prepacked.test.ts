import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMethod } from '../../src/config/method.js';
import { openLocalEngine } from '../../src/engine/open.js';
import type { PrepackedOptions } from '../../src/engine/prepacked.js';
import { checkpointSha256, openCheckpoint } from '../../src/models/checkpoint.js';
import { prepackedBytes } from '../../src/models/memory.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { repro } from '../cli/run.js';
import { smallSize, temporaryFolder } from '../oracle/checkpoints.js';
import { generation, run } from '../oracle/run.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let checkpointDir: string;
let prepacked: PrepackedOptions;
beforeAll(async () => {
  folder = await temporaryFolder();
  checkpointDir = join(folder.path, 'model');
  await writeRandomCheckpoint(checkpointDir, smallSize, { family: 'llada', seed: '1' });
  const checkpoint = await openCheckpoint(checkpointDir);
  prepacked = {
    dir: join(folder.path, 'kept'),
    checkpointSha256: await checkpointSha256(checkpoint),
    expectedBytes: prepackedBytes(checkpoint.specs, 'fp32', checkpoint.weight('embedding').bytes),
  };
});
afterAll(() => folder.remove());

/** The tokens of a decoding. */
async function decoded(id: string, kept: PrepackedOptions | undefined): Promise<number[]> {
  const engine = await openLocalEngine({ checkpointDir, threads: 1, prepacked: kept });
  try {
    const { dimensions } = await openCheckpoint(checkpointDir);
    const { cache, unmask } = loadMethod(id, 'llada');
    const promptIds = Int32Array.from({ length: 12 }, (_, i) => 3 + i);
    const settings = generation({ genLength: 16, blockLength: 8, steps: 16 });
    const { tokens } = await run(engine, dimensions, { promptIds, generation: settings, unmask }, cache);
    return [...tokens];
  } finally {
    await engine.close();
  }
}

/** The only graph that is kept: the folder, and when its weights were written. */
async function keptGraph(): Promise<{ readonly path: string; readonly weights: string; writtenMs: number }> {
  const [name, ...others] = await readdir(prepacked.dir);
  expect(others).toEqual([]);
  const path = join(prepacked.dir, name!);
  const weights = join(path, 'weights.bin');
  return { path, weights, writtenMs: (await stat(weights)).mtimeMs };
}

describe('packed weights on disk', () => {
  test('give the same tokens, made once and then found', async () => {
    const plain = await decoded('vanilla', undefined);
    expect(await decoded('vanilla', prepacked)).toEqual(plain);
    const made = await keptGraph();
    expect(await decoded('vanilla', prepacked)).toEqual(plain);
    expect(await keptGraph()).toEqual(made);
  });

  test.each([
    ['cut off', async (weights: string) => truncate(weights, 100)],
    ['without its facts', async (_: string, path: string) => writeFile(join(path, 'prepacked.json'), '{')],
    [
      'no graph, in its right length',
      async (_: string, path: string) => {
        const file = join(path, 'model.onnx');
        await writeFile(file, (await readFile(file)).fill(255));
      },
    ],
  ])('are made anew where they are damaged: %s', async (_, damage) => {
    const before = await keptGraph();
    await damage(before.weights, before.path);
    expect(await decoded('vanilla', prepacked)).toEqual(await decoded('vanilla', undefined));
    const after = await keptGraph();
    expect(after.path).toBe(before.path);
    expect(after.writtenMs).toBeGreaterThan(before.writtenMs);
  });

  test('are kept apart for other graphs and other checkpoints', async () => {
    expect(await decoded('dynamic-dllm', prepacked)).toEqual(await decoded('dynamic-dllm', undefined));
    const graphs = (await readdir(prepacked.dir)).length;
    expect(graphs).toBeGreaterThan(1);
    await decoded('vanilla', { ...prepacked, checkpointSha256: 'another' });
    expect(await readdir(prepacked.dir)).toHaveLength(graphs + 1);
  });

  test('are made by two at once without harm', async () => {
    const kept = { ...prepacked, dir: join(folder.path, 'at-once') };
    const plain = await decoded('vanilla', undefined);
    const both = await Promise.all([decoded('vanilla', kept), decoded('vanilla', kept)]);
    expect(both).toEqual([plain, plain]);
    const names = await readdir(kept.dir);
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });

  test('are refused where they do not fit, with the numbers', async () => {
    const large = { ...prepacked, dir: join(folder.path, 'large'), expectedBytes: 1e18 };
    await expect(decoded('vanilla', large)).rejects.toThrow(
      /packing the weights takes about 1000000000.0 GB of disk, and [\d.]+ [GM]B are free for .*; leave REPRO_PREPACKED out/,
    );
    expect(await readdir(large.dir)).toEqual([]);
  });
});

test('REPRO_PREPACKED=1 keeps them in the cache, tells their size, and models list shows it', async () => {
  const cache = join(folder.path, 'cache');
  const args = ['generate', '--model', checkpointDir, '--prompt-ids', '3,4', '--gen-length', '8'];
  const env = { REPRO_CACHE: cache, REPRO_PREPACKED: '1' };
  const short = [...args, '--block-length', '8', '--steps', '4', '--json'];
  const first = await repro(short, { env });
  expect(first).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(
    /repro: packing the weights of a graph once, about [\d.]+ MB in .*prepacked\n/,
  );
  expect(first.stderr).toMatch(/repro: packed: [\d.]+ MB; delete .* when it is not wanted\n/);
  const [second, listed, wrong] = await Promise.all([
    repro(short, { env }),
    repro(['models', 'list'], { env }),
    repro(short, { env: { ...env, REPRO_PREPACKED: 'yes' } }),
  ]);
  expect(second.stderr).not.toContain('packing');
  expect(listed.stdout).toMatch(
    /packed weights: [\d.]+ MB in 1 folder in .*prepacked; delete what is not wanted/,
  );
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('REPRO_PREPACKED is yes; set it to 1');
});
