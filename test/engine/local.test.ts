import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { LocalEngine } from '../../src/engine/local.js';
import type { StepEngine, UniformPlan } from '../../src/engine/types.js';
import { plainSpec } from '../../src/graph/spec.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { fixtureModels, smallSize, temporaryFolder } from '../oracle/checkpoints.js';
import { Oracle } from '../oracle/forward.js';
import { cosineDistance, softmax } from '../oracle/linear-algebra.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import { generation, openTestModel, randomPrompt, run, type TestModel } from '../oracle/run.js';

/** As in the contract test: float32 against float64 with logits of the order of 10. */
const logitTolerance = 2e-4;

const folders: Awaited<ReturnType<typeof temporaryFolder>>[] = [];
let models: Record<'small' | 'small-bf16' | 'tiny-llada-a' | 'sharded-bf16', TestModel>;
beforeAll(async () => {
  const random = async (dtype: 'F32' | 'BF16') => {
    const folder = await temporaryFolder();
    folders.push(folder);
    await writeRandomCheckpoint(folder.path, smallSize, { seed: 'engine', dtype });
    return openTestModel(folder.path);
  };
  models = {
    small: await random('F32'),
    'small-bf16': await random('BF16'),
    'tiny-llada-a': await openTestModel(join(fixtureModels, 'tiny-llada-a')),
    'sharded-bf16': await openTestModel(join(fixtureModels, 'tiny-llada-a-sharded-bf16')),
  };
});
afterAll(async () => {
  for (const { engine } of Object.values(models)) await engine.close();
  for (const { remove } of folders) await remove();
});

function begin(engine: StepEngine, length: number, more: Partial<typeof plainSpec> = {}): Promise<void> {
  return engine.begin({ spec: { ...plainSpec, logits: true, ...more }, length });
}

function randomRows(rng: Rng, length: number): number[] {
  const count = 1 + rng.below(length);
  const all = Array.from({ length }, (_, i) => i);
  return rng
    .shuffle(all)
    .slice(0, count)
    .sort((a, b) => a - b);
}

describe.each([
  'small',
  'small-bf16',
  'tiny-llada-a',
  'sharded-bf16',
] as const)('uniform rows on %s', (name) => {
  test('a full pass, then partial passes on stale K and V equal the oracle', async () => {
    const { engine, weights, dimensions } = models[name];
    const rng = new Rng(`rows ${name}`);
    for (const length of [1, 2, 17]) {
      const oracle = new Oracle(weights, length);
      await begin(engine, length);
      let largest = 0;
      for (let pass = 0; pass < 8; pass++) {
        const tokens = randomPrompt(rng, length, dimensions);
        const rows = pass === 0 ? Array.from(tokens, (_, i) => i) : randomRows(rng, length);
        const store = pass % 3 === 0 ? rows : pass % 3 === 1 ? rows.filter(() => rng.below(2) === 0) : [];
        const headRows = rng.shuffle(rows).slice(0, 1 + rng.below(rows.length));
        const plan: UniformPlan = {
          kind: 'uniform',
          rows: Int32Array.from(rows),
          store: pass % 3 === 0 ? 'all' : pass % 3 === 1 ? Int32Array.from(store) : 'none',
        };
        const result = await engine.step({ tokens, headRows: Int32Array.from(headRows), plan, pass });
        const { logits } = oracle.uniform(tokens, rows, store);
        for (const [i, row] of headRows.entries()) {
          const expected = logits.get(row)!;
          const ours = result.logits!.subarray(i * expected.length, (i + 1) * expected.length);
          largest = Math.max(largest, ...expected.map((z, id) => Math.abs(z - ours[id]!)));
          const p = [...softmax(expected)].sort((a, b) => b - a);
          expect(result.p1[i]).toBeCloseTo(p[0]!, 4);
          expect(result.p2[i]).toBeCloseTo(p[1]!, 4);
          expect(expected[result.best[i]!]).toBeGreaterThan(Math.max(...expected) - logitTolerance);
        }
      }
      expect(largest).toBeLessThan(logitTolerance);
    }
  });
});

describe('a pass', () => {
  test('without head rows still writes the caches', async () => {
    const { engine, weights, dimensions } = models.small;
    const rng = new Rng('no head');
    const [before, after] = [randomPrompt(rng, 9, dimensions), randomPrompt(rng, 9, dimensions)];
    const all = before.map((_, i) => i);
    const plan = { kind: 'uniform', rows: all, store: 'all' } as const;
    await begin(engine, 9);
    const empty = await engine.step({ tokens: before, headRows: new Int32Array(0), plan, pass: 0 });
    expect([empty.best.length, empty.p1.length, empty.p2.length, empty.logits!.length]).toEqual([0, 0, 0, 0]);
    const rows = Int32Array.of(4);
    const next = { tokens: after, headRows: rows, plan: { ...plan, rows }, pass: 1 };
    const { logits } = await engine.step(next);
    const oracle = new Oracle(weights, 9);
    oracle.uniform(before, all, all);
    const expected = oracle.uniform(after, rows, rows).logits.get(4)!;
    expect(Math.max(...expected.map((z, id) => Math.abs(z - logits![id]!)))).toBeLessThan(logitTolerance);
  });

  test('breaks ties by the lower id, with p2 = p1', async () => {
    const { engine, dimensions } = models.small;
    const tokens = new Int32Array(3).fill(dimensions.maskId);
    await engine.begin({
      spec: { ...plainSpec, tokenBias: true },
      length: 3,
      // Beside 1e30 every logit vanishes: a tie of the whole vocabulary.
      tokenBias: { argmax: Array.from({ length: dimensions.vocabSize }, (_, id) => id), softmax: [] },
    });
    const rows = Int32Array.of(0, 1, 2);
    const plan = { kind: 'uniform', rows, store: 'none' } as const;
    const result = await engine.step({ tokens, headRows: rows, plan, pass: 0 });
    expect([...result.best]).toEqual([0, 0, 0]);
    const share = 1 / dimensions.vocabSize;
    expect([...result.p1]).toEqual([share, share, share]);
    expect(result.p2).toEqual(result.p1);
  });

  test('before begin(), with a row outside of its rows, or with the wrong kind of plan is an error', async () => {
    const { engine, dimensions } = models.small;
    const tokens = randomPrompt(new Rng('wrong'), 4, dimensions);
    await begin(engine, 4);
    const plan = { kind: 'uniform', rows: Int32Array.of(0, 1), store: 'none' } as const;
    const outside = engine.step({ tokens, headRows: Int32Array.of(3), plan, pass: 0 });
    await expect(outside).rejects.toThrow('row 3 is not among the computed rows');
    const adaptive = {
      kind: 'adaptive',
      mandatory: new Uint8Array(12),
      candidates: new Uint8Array(4),
      scope: new Uint8Array(4).fill(1),
      budgets: new Int32Array(3),
    } as const;
    const mismatch = engine.step({ tokens, headRows: Int32Array.of(0), plan: adaptive, pass: 0 });
    await expect(mismatch).rejects.toThrow('an adaptive plan needs an adaptive graph');
  });
});

describe('distribution shift', () => {
  test('equals 1 - cos of successive distributions in float64, and is NaN where there is none', async () => {
    const { engine, dimensions } = models['tiny-llada-a'];
    const rng = new Rng('shift');
    const length = 14;
    const all = Int32Array.from({ length }, (_, i) => i);
    await begin(engine, length, { shift: true });
    const tokens = randomPrompt(rng, length, dimensions);
    let previous: Map<number, Float64Array> | undefined;
    let seen = 0;
    for (let pass = 0; pass < 7; pass++) {
      const headRows = all.filter(() => rng.below(4) > 0);
      const plan = { kind: 'uniform', rows: all, store: 'none' } as const;
      const { shift, logits } = await engine.step({ tokens, headRows, plan, pass });
      const vocab = dimensions.vocabSize;
      const current = new Map(
        Array.from(headRows, (row, i) => {
          return [row, softmax(Float64Array.from(logits!.subarray(i * vocab, (i + 1) * vocab)))];
        }),
      );
      for (const [i, row] of headRows.entries()) {
        const before = previous?.get(row);
        if (before === undefined) {
          expect(shift![i]).toBeNaN();
          continue;
        }
        seen += 1;
        expect(Math.abs(shift![i]! - cosineDistance(current.get(row)!, before))).toBeLessThan(1e-6);
      }
      previous = current;
      // From pass 4 on nothing changes any more: the shift is exactly 0.
      if (pass >= 5) for (const value of shift!) expect(Number.isNaN(value) || value === 0).toBe(true);
      if (pass < 4) tokens[rng.below(length)] = rng.below(dimensions.vocabSize - 2);
    }
    expect(seen).toBeGreaterThan(15);
  });

  test('is known for every masked row from the second pass on where apd needs it', async () => {
    const { engine, dimensions } = models.small;
    const recording = new RecordingEngine(engine);
    const task = {
      promptIds: Int32Array.of(4, 5),
      generation: generation({ genLength: 18, blockLength: 6 }),
      unmask: unmaskOptions.parse({ rule: 'apd', tau0: 0.95 }),
    };
    await run(
      recording,
      dimensions,
      task,
      cacheOptions.parse({ policy: 'dcu', layerBudget: 2, windowSize: 2 }),
    );
    expect(recording.passes.length).toBeGreaterThan(4);
    for (const [n, { result }] of recording.passes.entries()) {
      expect(result.shift!.every((h) => Number.isNaN(h) === (n === 0))).toBe(true);
    }
  });
});

describe('a model of which only one session fits', () => {
  test('may change between graphs within a sample', async () => {
    const { dimensions, engine } = models.small;
    const checkpoint = await openCheckpoint(folders[0]!.path);
    const large = new LocalEngine({
      checkpointDir: checkpoint.dir,
      weightsDir: checkpoint.weightsDir,
      model: { ...dimensions, weight: (role, layer) => checkpoint.weight(role, layer) },
      weightBytes: 16e9,
      threads: 1,
    });
    // Passes that compute no row at all in some layers alternate with passes that do.
    const task = {
      promptIds: Int32Array.of(4, 5),
      generation: generation({ genLength: 6, blockLength: 3, steps: 12 }),
      unmask: unmaskOptions.parse({ rule: 'model' }),
    };
    const cache = cacheOptions.parse({ policy: 'dcu', layerBudget: 0, windowSize: 0 });
    const expected = await run(engine, dimensions, task, cache);
    expect(expected.steps.some(({ layerRows }) => layerRows!.some((rows) => rows.length === 0))).toBe(true);
    expect(await run(large, dimensions, task, cache)).toEqual(expected);
    await large.close();
  });
});
