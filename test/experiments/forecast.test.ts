import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMethod } from '../../src/config/method.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { RowEngine } from '../../src/decoding/row-engine.js';
import { ForwardingEngine } from '../../src/engine/forwarding-engine.js';
import type { StepRequest, StepResult } from '../../src/engine/types.js';
import { countCells } from '../../src/experiments/forecast/count-cells.js';
import { forecast } from '../../src/experiments/forecast/forecast.js';
import { measureGraph } from '../../src/experiments/forecast/measure-graph.js';
import { costOf, fitPassCost } from '../../src/experiments/forecast/pass-cost.js';
import { watchPasses } from '../../src/experiments/forecast/watched-passes.js';
import { planGroups } from '../../src/experiments/plan.js';
import { PromptLengths } from '../../src/experiments/prompt-length.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { flops } from '../../src/measure/flops.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { generation, run } from '../oracle/run.js';
import { openSmallModels } from '../oracle/small-models.js';

describe('the cost of passes', () => {
  test('is the line that they lie on', () => {
    const passes = [1e6, 2e6, 9e6, 4e7].map((flops) => ({ flops, ms: 2 + 3e-6 * flops }));
    const cost = fitPassCost(passes);
    expect(cost.fixedMs).toBeCloseTo(2, 6);
    expect(costOf(cost, 10, 5e6)).toBeCloseTo(20 + 15, 6);
  });

  test.each([
    ['too alike to tell a slope', [1e6, 1.001e6], [5, 4]],
    ['shorter the more there is to do', [1e6, 4e6], [5, 4]],
    ['of a line that begins below zero', [1e6, 4e6], [1, 20]],
  ])('goes by operations alone for passes that are %s', (_, operations, times) => {
    const cost = fitPassCost(operations.map((flops, i) => ({ flops, ms: times[i]! })));
    expect(cost.fixedMs).toBe(0);
    expect(cost.msPerFlop).toBeGreaterThan(0);
  });
});

describe('watched passes', () => {
  let small: Awaited<ReturnType<typeof openSmallModels>>;
  beforeAll(async () => {
    small = await openSmallModels();
  });
  afterAll(() => small.close());
  const settings = generation({ genLength: 32, blockLength: 16, steps: 32 });
  const promptIds = Int32Array.from({ length: 20 }, (_, i) => 3 + i);

  test.each([
    ['llada', 'vanilla'],
    ['llada', 'dllm-cache'],
    ['llada', 'dynamic-dllm'],
    ['dream', 'fast-dllm'],
  ] as const)('%s %s: the operations of a decoding, on the graph that was counted for', async (family, id) => {
    const { engine, dimensions } = small.models[family];
    const { cache, unmask } = loadMethod(id, family);
    const watched = { promptIds, method: { cache, unmask }, generation: settings };
    const real = await run(engine, dimensions, { promptIds, generation: settings, unmask }, cache);
    const sample = await watchPasses(engine, dimensions, watched, monotonicClock);
    const counted = await watchPasses(new RowEngine(engine.layers, 1), dimensions, watched, () => 0);
    const operations = sample.passes.reduce((sum, pass) => sum + pass.flops, 0);
    expect(sample.passes).toHaveLength(real.nfeExecuted);
    expect(operations / flops(dimensions, real.rowsExecuted)).toBeCloseTo(1, 9);
    expect(sample.passes[0]?.isFull).toBe(true);
    expect(sample.passes.every(({ ms }) => ms > 0)).toBe(true);
    expect(counted.graph).toBe(sample.graph);
  });

  test('end when they are enough', async () => {
    const { engine, dimensions } = small.models.llada;
    const { cache, unmask } = loadMethod('vanilla', 'llada');
    const isEnough = (passes: number) => passes === 3;
    const watched = { promptIds, method: { cache, unmask }, generation: settings, isEnough };
    expect((await watchPasses(engine, dimensions, watched, monotonicClock)).passes).toHaveLength(3);
  });
});

/** A device whose passes take 3 ms and 0.01 ms for each row of a layer, on a clock of its own. */
class SlowRows extends ForwardingEngine {
  ms = 0;

  override async step(request: StepRequest): Promise<StepResult> {
    const { plan } = request;
    this.ms += 3 + (plan.kind === 'uniform' ? plan.rows.length * this.layers * 0.01 : 0);
    return super.step(request);
  }
}

test('a graph is measured on two lengths, and tells what lies between', async () => {
  const plan = planExperiment('table1', { limit: 2, methods: ['fast-dllm'] });
  const groups = await planGroups(plan);
  const checkpoint = await openCheckpoint(plan.points[0].experiment.model.dir);
  const { dimensions } = checkpoint;
  const counted = await countCells(groups, dimensions, await PromptLengths.open(checkpoint), 'cpu');
  const engine = new SlowRows(new RowEngine(dimensions.layers, 2));
  const { signal } = new AbortController();
  const { kinds, cost } = await measureGraph(counted, { engine, dimensions, clock: () => engine.ms, signal });
  const lengths = counted.map(({ sample }) => sample.tokens);
  expect(new Set(kinds.map(({ tokens }) => tokens))).toEqual(
    new Set([Math.min(...lengths), Math.max(...lengths)]),
  );
  for (const { cell, promptTokens, sample } of counted) {
    const decoded = new SlowRows(new RowEngine(dimensions.layers, 2));
    const { method, generation: settings } = cell;
    const promptIds = new Int32Array(promptTokens).fill(2);
    await watchPasses(decoded, dimensions, { promptIds, method, generation: settings }, () => 0);
    const operations = sample.passes.reduce((sum, pass) => sum + pass.flops, 0);
    const ratio = costOf(cost, sample.passes.length, operations) / decoded.ms;
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  }
});

test('a forecast multiplies samples by what one takes', async () => {
  const choice = { methods: ['dynamic-dllm-apd'], benchmarks: ['gsm8k', 'gpqa'] };
  const plans = [
    { size: '--limit 2', plan: planExperiment('table1', { ...choice, limit: 2 }) },
    { size: 'as it stands', plan: planExperiment('table1', choice) },
  ] as const;
  const result = await forecast({
    plans: [...plans],
    device: { device: 'cpu', name: 'here', driver: null },
    clock: monotonicClock,
    signal: new AbortController().signal,
    say: () => undefined,
  });
  expect(result.cells.map(({ id }) => id)).toEqual([
    'gpqa/vanilla',
    'gpqa/dynamic-dllm-apd',
    'gsm8k/vanilla',
    'gsm8k/dynamic-dllm-apd',
  ]);
  const [vanilla, apd] = result.cells;
  expect(vanilla).toMatchObject({ passes: 128, fullPasses: 128, atMost: false });
  expect(apd).toMatchObject({ passes: 128, fullPasses: 1, atMost: true });
  const perSample = result.cells.reduce((sum, { sampleMs }) => sum + sampleMs, 0);
  expect(perSample).toBeGreaterThan(0);
  for (const [i, samples] of [2, 32].entries()) {
    expect(result.totals[i]).toMatchObject({ samples: 4 * samples, atMost: true });
    expect(result.totals[i]!.decodeMs / (samples * perSample)).toBeCloseTo(1, 9);
  }
  expect(result.measured.graphs).toHaveLength(2);
  expect(result.measured.graphs.every(({ startMs }) => startMs > 0)).toBe(true);
  expect(result.disk).toMatchObject({ converted: null });
  expect(result.memory).toMatchObject({ device: 'cpu', precision: 'fp32' });
});
