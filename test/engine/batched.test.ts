import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBatched } from '../../src/engine/batched.js';
import { openLocalEngine } from '../../src/engine/open.js';
import { measureThroughput } from '../../src/experiments/bench/throughput.js';
import { plainSpec } from '../../src/graph/spec.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { fixtureModels } from '../oracle/checkpoints.js';

test.each([
  'tiny-llada-a',
  'tiny-dream-c',
])('%s predicts each of several canvases as it does alone', async (id) => {
  const dir = join(fixtureModels, id);
  const checkpoint = await openCheckpoint(dir);
  const { vocabSize, maskId } = checkpoint.dimensions;
  const length = 40;
  const canvases = [3, 7, 31].map((step) =>
    Int32Array.from({ length }, (_, i) => (i < 24 ? (i * step) % (vocabSize - 2) : maskId)),
  );
  const headRows = Int32Array.of(23, 24, 30, 39);
  const batched = await openBatched(checkpoint, 1);
  const together = await batched.run(canvases, headRows);
  await batched.close();
  const engine = await openLocalEngine({ checkpointDir: dir, threads: 1 });
  await engine.begin({ spec: plainSpec, length });
  const rows = Int32Array.from({ length }, (_, i) => i);
  for (const [i, tokens] of canvases.entries()) {
    const alone = await engine.step({
      tokens,
      headRows,
      plan: { kind: 'uniform', rows, store: 'none' },
      pass: 0,
    });
    expect(together[i]!.best).toEqual(alone.best);
    for (const [row, p1] of together[i]!.p1.entries()) expect(p1).toBeCloseTo(alone.p1[row]!, 5);
    for (const [row, p2] of together[i]!.p2.entries()) expect(p2).toBeCloseTo(alone.p2[row]!, 5);
  }
  await engine.close();
  expect(new Set(together.map(({ p1 }) => p1[0])).size).toBe(canvases.length);
});

test('throughput counts canvases, beside one at a time', async () => {
  const checkpoint = await openCheckpoint(join(fixtureModels, 'tiny-dream-c'));
  const sizes = {
    promptLength: 16,
    genLength: 16,
    blockLength: 8,
    batches: [4, 2, 4],
    rounds: 3,
    threads: 1,
  };
  const { signal } = new AbortController();
  const points = await measureThroughput(checkpoint, sizes, monotonicClock, signal);
  expect(points.map(({ batch, passes }) => [batch, passes])).toEqual([
    [1, 3],
    [2, 3],
    [4, 3],
  ]);
  expect(points[0]!.ratio).toBe(1);
  for (const { batch, medianMs, canvasesPerSecond } of points) {
    expect(canvasesPerSecond * medianMs).toBeCloseTo(1000 * batch, 6);
  }
});
