import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMethod } from '../../src/config/method.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { estimatePlan, sampleCost } from '../../src/experiments/estimate.js';
import { planFacts } from '../../src/experiments/plan-facts.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { flops } from '../../src/measure/flops.js';
import { generation, run } from '../oracle/run.js';
import { openSmallModels } from '../oracle/small-models.js';

const promptLength = 20;
const settings = generation({ genLength: 64, blockLength: 16, steps: 64 });

let models: Awaited<ReturnType<typeof openSmallModels>>['models'];
let close: () => Promise<void>;
beforeAll(async () => {
  ({ models, close } = await openSmallModels());
});
afterAll(() => close());

/** The counts beforehand, and those of a decoding on a real model. */
async function both(family: 'llada' | 'dream', id: string, cfg = 0) {
  const { engine, dimensions } = models[family];
  const { cache, unmask } = loadMethod(id, family);
  const generation = { ...settings, cfg };
  const estimated = await sampleCost({ cache, unmask }, generation, dimensions, promptLength);
  const promptIds = Int32Array.from({ length: promptLength }, (_, i) => 3 + (i % 20));
  const real = await run(engine, dimensions, { promptIds, generation, unmask }, cache);
  return { estimated, passes: real.nfe, flops: flops(dimensions, real.rows) };
}

describe('passes and operations counted without a model', () => {
  test.each([
    ['llada', 'vanilla'],
    ['llada', 'dkv-cache'],
    ['llada', 'fast-dllm'],
    ['llada', 'fast-dllm-prefix'],
    ['dream', 'vanilla'],
    ['dream', 'dkv-cache-prefill'],
  ] as const)('%s %s: those of a decoding, where a schedule fixes them', async (family, id) => {
    const { estimated, passes, flops } = await both(family, id);
    expect(estimated).toMatchObject({ passes, exactPasses: true, rows: 'uniform' });
    expect(Math.abs(estimated.flops / flops - 1)).toBeLessThan(0.05);
  });

  test.each([
    ['llada', 'dynamic-dllm'],
    ['llada', 'dllm-cache'],
    ['llada', 'apd'],
    ['llada', 'dynamic-dllm-apd'],
    ['llada', 'fast-dllm-dual-parallel'],
    ['dream', 'dynamic-dllm'],
    ['dream', 'fast-dllm-parallel'],
  ] as const)('%s %s: at least those of a decoding', async (family, id) => {
    const { estimated, passes, flops } = await both(family, id);
    expect(estimated.passes).toBeGreaterThanOrEqual(passes);
    expect(estimated.flops).toBeGreaterThanOrEqual(0.99 * flops);
  });

  test.each([
    ['llada', 'vanilla'],
    ['llada', 'dllm-cache'],
    ['llada', 'dynamic-dllm'],
  ] as const)('%s %s: with guidance both streams are counted', async (family, id) => {
    const { estimated, passes, flops } = await both(family, id, 1.5);
    expect(estimated.passes).toBe(passes);
    expect(estimated.flops).toBeGreaterThanOrEqual(0.99 * flops);
    expect(estimated.flops).toBeGreaterThan(1.9 * (await both(family, id)).estimated.flops);
  });

  test('say whether fewer passes may do', async () => {
    expect((await both('llada', 'apd')).estimated.exactPasses).toBe(false);
    expect((await both('llada', 'dynamic-dllm')).estimated.exactPasses).toBe(true);
  });
});

describe('a plan', () => {
  const plan = planExperiment('layer-budget', { quick: true, benchmarks: ['gsm8k'] });

  test('counts cells that points share once', async () => {
    const { points, cells, samples } = await planFacts(plan);
    expect(points).toHaveLength(8);
    expect({ cells, samples }).toEqual({ cells: 1 + 8, samples: (1 + 8) * 2 });
    expect(points[0]?.benchmarks[0]).toMatchObject({
      id: 'gsm8k',
      scorer: { name: 'strict-match', filter: 'gsm8k', metric: 'exact-match' },
      samples: { chosen: 2, all: 250 },
    });
  });

  test('takes longer the more its methods compute', async () => {
    const estimate = await estimatePlan(plan, monotonicClock);
    const [vanilla, ...dynamic] = estimate.cells;
    expect(
      dynamic.every(({ sampleMs, flops }) => sampleMs < vanilla!.sampleMs && flops < vanilla!.flops),
    ).toBe(true);
    const total = estimate.cells.reduce((sum, { sampleMs }) => sum + 2 * sampleMs, 0);
    expect(estimate.decodeMs).toBeCloseTo(total, 6);
    expect(estimate.atMost).toBe(false);
    expect(estimate.repeatMs).toBeLessThanOrEqual(60_000);
    expect(Object.values(estimate.flopsPerSecond).every((rate) => rate > 1e8)).toBe(true);
  });
});
