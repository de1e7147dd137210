import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { plainSpec } from '../../src/graph/spec.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { smallSize, temporaryFolder } from '../oracle/checkpoints.js';
import { fullLogits } from '../oracle/forward.js';
import { softmax } from '../oracle/linear-algebra.js';
import { generation, openTestModel, randomPrompt, run, type TestModel } from '../oracle/run.js';

let model: TestModel;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeRandomCheckpoint(folder.path, smallSize, { seed: 'sampling' });
  model = await openTestModel(folder.path);
});
afterAll(async () => {
  await model.engine.close();
  await folder.remove();
});

const none = cacheOptions.parse({ policy: 'none' });
const [fixed, threshold] = [{ rule: 'model' }, { rule: 'threshold', tau: 0.5 }].map((options) =>
  unmaskOptions.parse(options),
);

function decodeWith(settings: Record<string, unknown>, unmask = fixed!, cache = none) {
  const promptIds = randomPrompt(new Rng('prompt'), 6, model.dimensions);
  const task = {
    promptIds,
    generation: generation({ genLength: 16, blockLength: 8, ...settings }),
    unmask,
  };
  return run(model.engine, model.dimensions, task, cache);
}

/** One pass over a canvas with these head rows, drawn with a seed at a temperature. */
async function draw(tokens: Int32Array, headRows: number[], seed: string, temperature: number, pass = 0) {
  const all = tokens.map((_, i) => i);
  await model.engine.begin({
    spec: { ...plainSpec, sampling: true },
    length: tokens.length,
    sampling: { temperature, seed },
  });
  const plan = { kind: 'uniform', rows: all, store: 'none' } as const;
  return model.engine.step({ tokens, headRows: Int32Array.from(headRows), plan, pass });
}

describe('temperature', () => {
  test('repeats with the seed, differs between seeds and from greedy', async () => {
    const sampled = { temperature: 1, seed: 'a' };
    const first = await decodeWith(sampled);
    expect(await decodeWith(sampled)).toEqual(first);
    expect((await decodeWith({ ...sampled, seed: 'b' })).tokens).not.toEqual(first.tokens);
    expect((await decodeWith({})).tokens).not.toEqual(first.tokens);
  });

  test('is the same for every cache that computes everything', async () => {
    const everything = cacheOptions.parse({ policy: 'dcu', layerBudget: 1e9 });
    const settings = { temperature: 1.3, seed: 'c' };
    const vanilla = await decodeWith(settings, threshold!);
    expect((await decodeWith(settings, threshold!, everything)).tokens).toEqual(vanilla.tokens);
  });

  test('draws by seed, pass and position, whichever rows are in the head', async () => {
    const tokens = new Int32Array(12).fill(model.dimensions.maskId);
    const together = await draw(tokens, [2, 5, 7, 11], 'rows', 1);
    const reordered = await draw(tokens, [11, 7, 5, 2], 'rows', 1);
    expect([...reordered.best].reverse()).toEqual([...together.best]);
    for (const [i, row] of [2, 5, 7, 11].entries()) {
      expect((await draw(tokens, [row], 'rows', 1)).best[0]).toBe(together.best[i]);
    }
    const later = await draw(tokens, [2, 5, 7, 11], 'rows', 1, 1);
    expect([...later.best]).not.toEqual([...together.best]);
  });

  test.each([
    0.5, 1, 2,
  ])('samples from softmax(z / %f), with confidences of softmax(z)', async (temperature) => {
    const { dimensions, weights } = model;
    const tokens = Int32Array.from([...randomPrompt(new Rng('chi'), 5, dimensions), dimensions.maskId]);
    const logits = fullLogits(weights, tokens)[5]!;
    const wanted = softmax(logits.map((z) => z / temperature));
    const plain = softmax(logits);
    const draws = 1500;
    const counts = new Int32Array(dimensions.vocabSize);
    for (let i = 0; i < draws; i++) {
      const { best, p1 } = await draw(tokens, [5], `draw ${i}`, temperature);
      counts[best[0]!]! += 1;
      expect(p1[0]).toBeCloseTo(plain[best[0]!]!, 5);
    }
    // Chi-square over the ids that are expected at least five times; the others are one bin.
    let [statistic, bins] = [0, 0];
    let rest = { expected: 0, seen: 0 };
    const bin = (expected: number, seen: number) => {
      statistic += (seen - expected) ** 2 / expected;
      bins += 1;
    };
    for (const [id, p] of wanted.entries()) {
      if (p * draws >= 5) bin(p * draws, counts[id]!);
      else rest = { expected: rest.expected + p * draws, seen: rest.seen + counts[id]! };
    }
    if (rest.expected > 0.5) bin(rest.expected, rest.seen);
    expect(bins).toBeGreaterThan(4);
    // Mean bins - 1, standard deviation sqrt(2 (bins - 1)).
    expect(statistic).toBeLessThan(bins - 1 + 4 * Math.sqrt(2 * (bins - 1)));
  });
});

describe('random remasking', () => {
  const order = (steps: Awaited<ReturnType<typeof decodeWith>>['steps']) =>
    steps.flatMap(({ committed }) => committed.map(({ position }) => position));

  test('repeats with the seed and orders otherwise than low confidence', async () => {
    const random = { remasking: 'random', seed: 'a' };
    const first = await decodeWith(random);
    expect(await decodeWith(random)).toEqual(first);
    expect(order(first.steps)).not.toEqual(order((await decodeWith({})).steps));
    expect(order(first.steps)).not.toEqual(order((await decodeWith({ ...random, seed: 'b' })).steps));
  });

  test('stays inside the block and takes every position alike', async () => {
    const firsts = new Map<number, number>();
    const seeds = 240;
    for (let i = 0; i < seeds; i++) {
      const { steps } = await decodeWith({
        genLength: 8,
        blockLength: 4,
        steps: 2,
        remasking: 'random',
        seed: `${i}`,
      });
      const [before, after] = steps.map(({ committed }) => committed.map(({ position }) => position));
      expect([...before!, ...after!]).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
      const { position } = [...steps[0]!.committed].sort((a, b) => b.confidence - a.confidence)[0]!;
      firsts.set(position, (firsts.get(position) ?? 0) + 1);
    }
    // 60 expected each; five standard deviations are 34.
    for (const position of [6, 7, 8, 9]) {
      expect(Math.abs((firsts.get(position) ?? 0) - seeds / 4)).toBeLessThan(34);
    }
  });
});
