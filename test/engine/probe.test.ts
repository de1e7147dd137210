import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../src/engine/open.js';
import type { UniformPlan } from '../../src/engine/types.js';
import { refuseProbe } from '../../src/engine/webgpu/target-for.js';
import { plainSpec, probeKinds, specKey } from '../../src/graph/spec.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { smallDreamSize, smallSize, temporaryFolder } from '../oracle/checkpoints.js';
import { Oracle } from '../oracle/forward.js';
import { openTestModel, type TestModel } from '../oracle/run.js';

const families = ['llada', 'dream'] as const;
const folders: Awaited<ReturnType<typeof temporaryFolder>>[] = [];
const models = new Map<string, TestModel>();

beforeAll(async () => {
  for (const family of families) {
    const folder = await temporaryFolder();
    folders.push(folder);
    const size = family === 'dream' ? smallDreamSize : smallSize;
    await writeRandomCheckpoint(folder.path, size, { seed: 'probe', family });
    models.set(family, await openTestModel(folder.path));
  }
});
afterAll(async () => {
  for (const { engine } of models.values()) await engine.close();
  for (const { remove } of folders) await remove();
});

const length = 13;
const rows = Int32Array.from({ length }, (_, i) => i);

describe.each(families)('the probe of a %s model', (family) => {
  test.each(['none', 'all'] as const)('equals the float64 oracle, with store %s', async (store) => {
    const { engine, weights, dimensions } = models.get(family)!;
    const rng = new Rng(`probe ${family}`);
    const oracle = new Oracle(weights, length);
    await engine.begin({ spec: { ...plainSpec, probe: probeKinds }, length });
    for (let pass = 0; pass < 2; pass++) {
      const tokens = Int32Array.from({ length }, () => rng.below(dimensions.vocabSize));
      const plan: UniformPlan = { kind: 'uniform', rows, store };
      const { probe } = await engine.step({ tokens, headRows: rows, plan, pass });
      const expected = oracle.uniform(tokens, rows, store === 'all' ? rows : []);
      for (const kind of probeKinds) {
        for (let layer = 0; layer < dimensions.layers; layer++) {
          const tensor = probe![kind]![layer]!;
          const width = tensor.length / length;
          for (const row of rows) {
            const wanted = expected.probe[layer]![kind].get(row)!;
            expect(width).toBe(wanted.length);
            const worst = Math.max(...wanted.map((x, i) => Math.abs(x - tensor[row * width + i]!)));
            expect(worst, `${kind}, layer ${layer}, row ${row}`).toBeLessThan(2e-4);
          }
        }
      }
    }
  });
});

test('only what was asked for comes out, and nothing in a normal run', async () => {
  const { engine } = models.get('llada')!;
  const request = {
    tokens: new Int32Array(length).fill(3),
    headRows: rows,
    plan: { kind: 'uniform', rows, store: 'none' },
    pass: 0,
  } as const;
  await engine.begin({ spec: { ...plainSpec, probe: ['ffn'] }, length });
  expect(Object.keys((await engine.step(request)).probe!)).toEqual(['ffn']);
  await engine.begin({ spec: plainSpec, length });
  expect('probe' in (await engine.step(request))).toBe(false);
  expect(specKey({ ...plainSpec, probe: ['ffn'] })).not.toBe(specKey(plainSpec));
});

test('a GPU refuses to give tensors out', () => {
  expect(() => refuseProbe({ ...plainSpec, probe: ['ffn'] })).toThrow(/use --device cpu\.$/);
  expect(() => refuseProbe(plainSpec)).not.toThrow();
});

test('tensors come through the worker thread', async () => {
  const engine = await openEngine(await openCheckpoint(folders[0]!.path), { threads: 1 });
  try {
    await engine.begin({ spec: { ...plainSpec, probe: ['key'] }, length });
    const tokens = new Int32Array(length).fill(3);
    const request = { tokens, headRows: rows, pass: 0 } as const;
    const first = await engine.step({ ...request, plan: { kind: 'uniform', rows, store: 'all' } });
    const again = await engine.step({ ...request, plan: { kind: 'uniform', rows, store: 'none' } });
    expect(first.probe!.key).toHaveLength(smallSize.layers);
    expect(first.probe!.key![0]!.some((x) => x !== 0)).toBe(true);
    expect(again.probe).toEqual(first.probe);
  } finally {
    await engine.close();
  }
});
