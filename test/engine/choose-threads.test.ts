import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseThreads, fewestThreads, threadCounts } from '../../src/engine/choose-threads.js';
import { openLocalEngine } from '../../src/engine/open.js';
import type { StepResult } from '../../src/engine/types.js';
import { layerProbeModel } from '../../src/graph/layer-probe.js';
import { plainSpec, type StepGraphSpec } from '../../src/graph/spec.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { packageRoot } from '../../src/paths.js';
import { fixtureModels } from '../oracle/checkpoints.js';

test.each([
  [1, [1]],
  [2, [1, 2]],
  [6, [1, 2, 4, 6]],
  [8, [1, 2, 4, 8]],
])('on %d cores it tries %j threads', (cores, counts) => {
  expect(threadCounts(cores)).toEqual(counts);
});

test.each([
  [
    'twice as fast with two',
    [
      [4, 8],
      [2, 4],
      [1.95, 3.9],
    ],
    2,
  ],
  [
    'faster on many rows alone, by more than a tenth of both',
    [
      [1, 4],
      [1.1, 2],
    ],
    2,
  ],
  [
    'hardly faster',
    [
      [1, 4],
      [0.95, 3.8],
    ],
    1,
  ],
  [
    'slower',
    [
      [1, 4],
      [3, 5],
    ],
    1,
  ],
])('%s', (_, ms, threads) => {
  expect(fewestThreads(ms.map((times, i) => ({ threads: 2 ** i, ms: times })))).toBe(threads);
});

test('the layers of real checkpoints of both families are timed with every count', async () => {
  for (const id of ['reference', 'reference-dream']) {
    const checkpoint = await openCheckpoint(join(packageRoot, 'models', id));
    const { threads, tried } = await chooseThreads(checkpoint, monotonicClock, 2);
    expect(tried.map((each) => each.threads)).toEqual([1, 2]);
    for (const { ms } of tried) for (const time of ms) expect(time).toBeGreaterThan(0);
    expect(threads).toBe(fewestThreads(tried));
  }
});

test('of a layer as wide as that of LLaDA-8B one product is timed', async () => {
  const checkpoint = await openCheckpoint(join(packageRoot, 'models', 'reference'));
  const model = { ...checkpoint.dimensions, weight: checkpoint.weight.bind(checkpoint) };
  expect(layerProbeModel(model).whole).toBe(true);
  expect(layerProbeModel({ ...model, ffnDim: 12_288, dModel: 4096 }).whole).toBe(false);
});

describe('no result depends on the number of threads', () => {
  const adaptive: StepGraphSpec['rows'] = {
    ...{ kind: 'adaptive', feature: 'layer-input', valueRows: 'selected', featureUpdate: 'all' },
    ...{ storeRaw: false, guardEmpty: false },
  };
  test.each(['tiny-llada-a', 'tiny-dream-c'])('%s, to the last bit', async (id) => {
    const length = 96;
    const { dimensions } = await openCheckpoint(join(fixtureModels, id));
    const passes = async (threads: number) => {
      const engine = await openLocalEngine({ checkpointDir: join(fixtureModels, id), threads });
      const results: StepResult[] = [];
      const all = Int32Array.from({ length }, (_, i) => i);
      for (const rows of [plainSpec.rows, adaptive]) {
        await engine.begin({ spec: { ...plainSpec, rows, logits: true }, length });
        for (const [pass, count] of [length, 40, 7, 1].entries()) {
          const tokens = all.map((i) => (i * 31 + pass) % (dimensions.vocabSize - 2));
          const some = all.filter((i) => i % Math.ceil(length / count) === 0);
          const plan =
            rows.kind === 'uniform'
              ? ({ kind: 'uniform', rows: some, store: 'all' } as const)
              : ({
                  kind: 'adaptive',
                  mandatory: new Uint8Array(dimensions.layers * length).fill(pass === 0 ? 1 : 0),
                  candidates: new Uint8Array(length).fill(1),
                  scope: new Uint8Array(length).fill(1),
                  budgets: new Int32Array(dimensions.layers).fill(pass === 0 ? 0 : count),
                } as const);
          results.push(await engine.step({ tokens, headRows: some, plan, pass }));
        }
      }
      await engine.close();
      return results;
    };
    const alone = await passes(1);
    for (const threads of [2, 3]) expect(await passes(threads)).toEqual(alone);
  });
});
