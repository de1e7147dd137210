import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { sliceCases } from '../../scripts/real/cases.js';
import { LoadCounter, measureSlice } from '../../scripts/real/measure-slice.js';
import { listMethods } from '../../src/config/method.js';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { LocalEngine } from '../../src/engine/local.js';
import { openEngine } from '../../src/engine/open.js';
import { PeakMemory } from '../../src/measure/peak-memory.js';
import { type Checkpoint, openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';

const generation = resolveGeneration(generationOptions.parse({ genLength: 8, blockLength: 4, steps: 4 }));
const canvas = { promptLength: 8, generation };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-slices-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(family: 'llada' | 'dream', dModel: number, vocabSize: number): Promise<Checkpoint> {
  const dir = join(folder, `${family}-${dModel}`);
  const size = { dModel, layers: 2, heads: 4, ffnDim: 2 * dModel, vocabSize, maxSequenceLength: 64 };
  await writeRandomCheckpoint(dir, size, { seed: 's', family, dtype: 'BF16' });
  return openCheckpoint(dir);
}

const create = InferenceSession.create.bind(InferenceSession) as (
  ...args: unknown[]
) => Promise<InferenceSession>;

/** The engine of a checkpoint that is said to have so many bytes of weights, and the most sessions that were alive. */
function counted({ dir, weightsDir, dimensions, weight }: Checkpoint, weightBytes: number) {
  const alive = { now: 0, most: 0, made: 0 };
  const spy = vi.spyOn(InferenceSession, 'create').mockImplementation((async (...args: unknown[]) => {
    const session = await create(...args);
    alive.made += 1;
    alive.most = Math.max(alive.most, ++alive.now);
    const release = session.release.bind(session);
    session.release = async () => {
      await release();
      alive.now -= 1;
    };
    return session;
  }) as typeof InferenceSession.create);
  const engine = new LocalEngine({
    ...{ checkpointDir: dir, weightsDir, weightBytes, threads: 1 },
    model: { ...dimensions, weight },
  });
  onTestFinished(async () => {
    await engine.close();
    spy.mockRestore();
    expect(alive.now).toBe(0);
  });
  return { engine: new LoadCounter(engine), alive };
}

test.each([
  'llada',
  'dream',
] as const)('every method of %s on a large model has one session alive', async (family) => {
  const checkpoint = await written(family, 32, 64);
  const memory = await PeakMemory.start();
  onTestFinished(() => memory.stop());
  const cases = sliceCases(checkpoint.dimensions, generation);
  const { engine, alive } = counted(checkpoint, 2e9);
  const loads: number[] = [];
  for (const slice of cases) {
    const row = await measureSlice(engine, checkpoint.dimensions, slice, canvas, memory);
    expect(row.tokens).toBe(8);
    loads.push(row.loads);
  }
  expect(alive.most).toBe(1);
  // What the script counts from outside is what was made.
  expect(loads.reduce((a, b) => a + b, 0)).toBe(alive.made);
  expect(new Set(cases.map(({ graph }) => graph)).size).toBeLessThanOrEqual(alive.made);
  // Of a small one they stay.
  const small = counted(checkpoint, 1e6);
  for (const slice of cases) await measureSlice(small.engine, checkpoint.dimensions, slice, canvas, memory);
  expect(small.alive.most).toBeGreaterThan(2);
});

test('every listed method is a case of one of the families', async () => {
  const cases = await Promise.all(
    (['llada', 'dream'] as const).map(async (family) => {
      const { dimensions } = await written(family, 32, 64);
      return sliceCases(dimensions, generation).map(({ id }) => id);
    }),
  );
  const ids = new Set(cases.flat());
  expect(listMethods().filter((id) => !ids.has(id))).toEqual([]);
});

/** What writing the checkpoint has left would go just while a session is made. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('the peak has what a session takes while it is made', async () => {
  const checkpoint = await written('llada', 512, 2048);
  const { dimensions, specs } = checkpoint;
  const widenedBytes = specs
    .filter(({ role }) => role !== 'embedding')
    .reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  const memory = await PeakMemory.start(2);
  onTestFinished(() => memory.stop());
  collectGarbage();
  await memory.take();
  const before = (await memory.take()).anonymousBytes!;
  const engine = new LoadCounter(await openEngine(checkpoint));
  const vanilla = sliceCases(dimensions, generation).find(({ id }) => id === 'vanilla')!;
  const row = await measureSlice(engine, dimensions, vanilla, canvas, memory);
  await engine.close();
  expect(row.loads).toBe(1);
  expect(row.loadMs).toBeGreaterThan(0);
  expect(row.peakAnonymousBytes - before).toBeGreaterThan(0.9 * widenedBytes);
  // At least the program and the libraries.
  expect(row.peakMappedBytes).toBeGreaterThan(1e7);
});
