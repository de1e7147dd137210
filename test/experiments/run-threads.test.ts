import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runThreads } from '../../src/experiments/run-threads.js';
import { monotonicClock as clock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { packageRoot } from '../../src/paths.js';

const checkpoint = await openCheckpoint(join(packageRoot, 'models', 'reference'));
const timed = { device: 'cpu', alone: true, clock } as const;

test('the flag goes before the environment, and that before measuring', async () => {
  const environment = { REPRO_THREADS: '3' };
  expect(await runThreads([checkpoint], { ...timed, wanted: 5 }, environment)).toBe(5);
  expect(await runThreads([checkpoint], timed, environment)).toBe(3);
  expect(await runThreads([checkpoint], timed, {})).toBeGreaterThanOrEqual(1);
});

test('nothing is measured for shards, runs without timing and GPUs', async () => {
  expect(await runThreads([checkpoint], { ...timed, alone: false }, {})).toBeUndefined();
  expect(await runThreads([checkpoint], { ...timed, device: 'webgpu' }, {})).toBeUndefined();
});

test.each(['0', 'two', '1.5', '-1'])('REPRO_THREADS=%s is refused', async (REPRO_THREADS) => {
  await expect(runThreads([checkpoint], timed, { REPRO_THREADS })).rejects.toThrow(
    `REPRO_THREADS is "${REPRO_THREADS}", but it must be a whole number of at least 1; set it, or leave it out.`,
  );
});
