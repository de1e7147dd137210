import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { methodsOf } from '../../scripts/bench/method-flops.js';
import type { CacheOptions } from '../../src/caching/registry.js';
import { loadMethod } from '../../src/config/method.js';
import { type DecodeResult, decode } from '../../src/decoding/loop.js';
import { createMethod, type MethodOptions } from '../../src/decoding/method.js';
import type { Generation } from '../../src/decoding/settings.js';
import { type Saving, savings } from '../../src/graph/savings.js';
import { flops } from '../../src/measure/flops.js';
import { Rng } from '../../src/stats/rng.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { generation, openTestModel, randomPrompt, type TestModel } from '../oracle/run.js';

/** As many steps as tokens: the first of Dream's schedule transfers none. */
const canvas = { genLength: 32, blockLength: 8, steps: 32 };

/** Budgets and intervals for a canvas of a few rows; DCU on the response alone, which lets the prompt rest. */
function forSmallCanvas(cache: CacheOptions): CacheOptions {
  switch (cache.policy) {
    case 'dcu':
      return { ...cache, auto: false, layerBudget: 4, windowSize: 3 };
    case 'dcu-released':
      return { ...cache, layerBudget: 2, windowSize: 3, responseInterval: 7 };
    case 'dllm-cache':
      return { ...cache, promptInterval: 6, responseInterval: 4, guidanceInterval: 3 };
    default:
      return cache;
  }
}

const models = {
  llada: await openTestModel(join(fixtureModels, 'tiny-llada-a')),
  dream: await openTestModel(join(fixtureModels, 'tiny-dream-c')),
};
afterAll(async () => {
  for (const { engine } of Object.values(models)) await engine.close();
});

function run(model: TestModel, method: MethodOptions, settings: Generation, leftOut: readonly Saving[]) {
  const { engine, dimensions } = model;
  return decode(engine, {
    promptIds: randomPrompt(new Rng('savings'), 11, dimensions),
    generation: settings,
    ...createMethod(method, dimensions.family, settings),
    special: dimensions,
    clock: () => 0,
    savings: leftOut,
  });
}

/** What must not depend on what was left out. Probabilities may, in the last bits. */
function essence({ tokens, steps, nfe, rows }: DecodeResult) {
  return {
    ...{ tokens, nfe, rows },
    steps: steps.map(({ committed, rows, layerRows, layerBudgets }) => {
      return {
        committed: committed.map(({ position, id }) => [position, id]),
        rows,
        layerRows,
        layerBudgets,
      };
    }),
  };
}

/** The thresholds in force, pass by pass, of a rule that has one. */
function thresholds({ steps }: DecodeResult): number[] {
  return steps.flatMap(({ threshold = [] }) => threshold);
}

/** Which savings saved something, by any method. */
const effective = new Set<Saving>();

describe.each(['llada', 'dream'] as const)('%s', (family) => {
  const model = models[family];
  const work = ({ rowsExecuted }: DecodeResult) => flops(model.dimensions, rowsExecuted);
  const cases = methodsOf(family, generation(canvas)).flatMap((id) => {
    const { cache, unmask } = loadMethod(id, family);
    const method = { cache: forSmallCanvas(cache), unmask };
    if (cache.policy !== 'dcu') return [{ id, method }];
    const ofResponse = { ...method, cache: { ...method.cache, scope: 'gen' } as CacheOptions };
    return [
      { id, method },
      { id: `${id}, scope gen`, method: ofResponse },
    ];
  });

  describe.each([0, 1.5])('guidance %d', (cfg) => {
    test.each(cases)('$id: tokens, their order and the rows stay, whatever is left out', async ({
      method,
    }) => {
      const settings = generation({ ...canvas, cfg });
      const whole = await run(model, method, settings, []);
      expect(whole.nfeExecuted).toBe(whole.nfe);
      const least = await run(model, method, settings, savings);
      expect(essence(least)).toEqual(essence(whole));
      expect(work(least)).toBeLessThan(work(whole));
      // A wrong distribution of the pass before would move these first.
      const taus = thresholds(whole);
      for (const [pass, tau] of thresholds(least).entries()) expect(tau).toBeCloseTo(taus[pass]!, 6);
      for (const saving of savings) {
        const others = savings.filter((other) => other !== saving);
        const more = await run(model, method, settings, others);
        expect(essence(more), `all but ${saving}`).toEqual(essence(whole));
        expect(work(least), saving).toBeLessThanOrEqual(work(more));
        if (work(least) < work(more) || least.nfeExecuted < more.nfeExecuted) effective.add(saving);
      }
    });
  });
});

test('each saving leaves out something that is counted, but for distances, which no count has', () => {
  expect([...effective].sort()).toEqual(savings.filter((saving) => saving !== 'unchanged-rows').sort());
});
