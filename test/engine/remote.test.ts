import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { openEngine } from '../../src/engine/open.js';
import { RemoteEngine } from '../../src/engine/remote.js';
import type { StepEngine } from '../../src/engine/types.js';
import { UsageError } from '../../src/errors.js';
import { plainSpec } from '../../src/graph/spec.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { smallSize, temporaryFolder } from '../oracle/checkpoints.js';
import { generation, openTestModel, run, type TestModel } from '../oracle/run.js';

let local: TestModel;
let remote: StepEngine;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeRandomCheckpoint(join(folder.path, 'model'), smallSize, { seed: 'remote' });
  local = await openTestModel(join(folder.path, 'model'));
  remote = await openEngine(await openCheckpoint(join(folder.path, 'model')), { threads: 1 });
});
afterAll(async () => {
  await local.engine.close();
  await remote.close();
  await folder.remove();
});

const tokens = Int32Array.of(1, 2, 3, 4);
const all = Int32Array.of(0, 1, 2, 3);
const request = {
  tokens,
  headRows: all,
  plan: { kind: 'uniform', rows: all, store: 'all' },
  pass: 0,
} as const;

describe('the engine in a worker', () => {
  test.each([
    { cache: { policy: 'none' }, settings: { cfg: 1 } },
    { cache: { policy: 'dcu', layerBudget: 3, windowSize: 3 }, settings: { temperature: 0.8 } },
    { cache: { policy: 'dcu-released', layerBudget: 3 }, settings: { logitsEosInf: true } },
  ])('decodes as the local one: $cache.policy', async ({ cache, settings }) => {
    const task = {
      promptIds: Int32Array.of(9, 8, 7),
      generation: generation({ genLength: 12, blockLength: 6, ...settings }),
      unmask: unmaskOptions.parse({ rule: 'apd', tau0: 0.8 }),
    };
    const options = cacheOptions.parse(cache);
    const there = await run(remote, local.dimensions, task, options);
    expect(there).toEqual(await run(local.engine, local.dimensions, task, options));
  });

  test('answers calls in their order, also those made during a pass', async () => {
    await remote.begin({ spec: plainSpec, length: 4 });
    const answers = await Promise.all([
      remote.step(request),
      remote.memoryBytes(),
      remote.step({ ...request, pass: 1 }),
      remote.memoryBytes(),
    ]);
    expect(answers[0]).toEqual(answers[2]);
    expect(answers[1]).toBeGreaterThan(1e6);
    expect(answers[3]).toBeGreaterThan(1e6);
  });

  test('hands errors of a pass back and goes on', async () => {
    await remote.begin({ spec: plainSpec, length: 4 });
    const outside = { ...request, tokens: Int32Array.of(1, 2, 3, 99_999) };
    await expect(remote.step(outside)).rejects.toThrow(/out of data bounds/);
    expect((await remote.step(request)).best).toHaveLength(4);
  });
});

describe('starting and ending', () => {
  test('a checkpoint that cannot be opened is a UsageError', async () => {
    const error: unknown = await RemoteEngine.start({
      checkpointDir: join(folder.path, 'nowhere'),
      threads: 1,
    }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).code).toBe('MODEL_NOT_FOUND');
  });

  test('weights that vanish after the headers were read are a UsageError of begin', async () => {
    const dir = join(folder.path, 'shrinking');
    await writeRandomCheckpoint(dir, smallSize, { seed: 'shrinking' });
    const engine = await openEngine(await openCheckpoint(dir), { threads: 1 });
    try {
      await truncate(join(dir, 'model.safetensors'), 6000);
      const error: unknown = await engine.begin({ spec: plainSpec, length: 4 }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).code).toBe('ENGINE_SESSION');
      expect((error as UsageError).message).toContain(dir);
    } finally {
      await engine.close();
    }
  });

  test('a config that is not JSON is a UsageError that names the file', async () => {
    const dir = join(folder.path, 'broken');
    await writeRandomCheckpoint(dir, smallSize, { seed: 'broken' });
    await writeFile(join(dir, 'config.json'), '{');
    await expect(RemoteEngine.start({ checkpointDir: dir, threads: 1 })).rejects.toThrow(
      /config\.json: not JSON/,
    );
  });

  test('an unknown device is a UsageError', async () => {
    const checkpoint = await openCheckpoint(join(folder.path, 'model'));
    const device = 'tpu' as unknown as 'cpu';
    await expect(openEngine(checkpoint, { device })).rejects.toThrow(/unknown device "tpu"/);
  });

  test('closes once or twice, and refuses work afterwards instead of waiting for ever', async () => {
    const engine = await openEngine(await openCheckpoint(join(folder.path, 'model')), { threads: 1 });
    await engine.begin({ spec: plainSpec, length: 4 });
    await engine.step(request);
    await engine.close();
    await engine.close();
    await expect(engine.step(request)).rejects.toThrow(/engine/);
    await expect(engine.begin({ spec: plainSpec, length: 4 })).rejects.toThrow(/engine/);
  }, 20_000);
});
