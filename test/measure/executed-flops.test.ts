import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareFlops, type FlopComparison, methodsOf } from '../../scripts/bench/method-flops.js';
import type { CacheOptions } from '../../src/caching/registry.js';
import { loadMethod } from '../../src/config/method.js';
import type { MethodOptions } from '../../src/decoding/method.js';
import { executedFlops } from '../../src/measure/executed-flops.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { packageRoot } from '../../src/paths.js';
import { Rng } from '../../src/stats/rng.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { generation, randomPrompt } from '../oracle/run.js';

/** Small canvases; 32 tokens, since that is one step of the threshold sampler for Dream. */
const canvas = { genLength: 32, blockLength: 8, steps: 16 };

/** Budgets and intervals for a canvas of a few rows, so that passes of every kind occur. */
function forSmallCanvas(cache: CacheOptions): CacheOptions {
  switch (cache.policy) {
    case 'dcu':
      return { ...cache, layerBudget: 4, windowSize: 3 };
    case 'dcu-released':
      return { ...cache, layerBudget: 2, windowSize: 3, responseInterval: 7 };
    case 'dllm-cache':
      return { ...cache, promptInterval: 6, responseInterval: 4, guidanceInterval: 3 };
    case 'dkv-decode':
    case 'dkv-pd':
      return { ...cache, refreshInterval: 4 };
    default:
      return cache;
  }
}

async function compare(
  checkpointDir: string,
  method: MethodOptions,
  settings: Record<string, unknown>,
  savings = true,
): Promise<FlopComparison> {
  const { dimensions } = await openCheckpoint(checkpointDir);
  return compareFlops({
    checkpointDir,
    method,
    generation: generation({ ...canvas, ...settings }),
    promptIds: randomPrompt(new Rng('flops'), 11, dimensions),
    savings,
  });
}

/** The bound of the analytic count, whether it is of the matrix products or of everything. */
const bound = 0.005;

/** Of the products every one is accounted for, so the counts are the same number. */
function expectAnalytic({ analytic, executed, nfeExecuted }: FlopComparison): void {
  expect(executed.runs).toBe(nfeExecuted);
  expect(analytic).toBe(executed.products);
}

/** What else is computed follows from the rows as well, where nothing is left out by what changed. */
function expectOthers({ analytic, others, executed }: FlopComparison): void {
  if (others === undefined) return;
  const ratio = (analytic + others) / (executed.products + executed.others);
  expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(bound);
}

const fixtures = { llada: join(fixtureModels, 'tiny-llada-a'), dream: join(fixtureModels, 'tiny-dream-c') };

describe.each(['llada', 'dream'] as const)('%s', (family) => {
  const methods = methodsOf(family, generation(canvas));
  const load = (id: string): MethodOptions => {
    const { cache, unmask } = loadMethod(id, family);
    return { cache: forSmallCanvas(cache), unmask };
  };

  describe.each([
    { guidance: 'without guidance', cfg: 0 },
    { guidance: 'with guidance', cfg: 1.5 },
  ])('$guidance', ({ cfg }) => {
    test.each(methods)('%s: the count of the executed rows is that of the nodes that ran', async (id) => {
      expectAnalytic(await compare(fixtures[family], load(id), { cfg }));
    });

    test.each(methods)('%s: the nominal count is that of a run that saves no head rows', async (id) => {
      const compared = await compare(fixtures[family], load(id), { cfg }, false);
      const { nominal, analytic, executed } = compared;
      expect(nominal).toBe(executed.products);
      expect(analytic).toBe(nominal);
      expectOthers(compared);
    });
  });

  test.each([
    'vanilla',
    'fast-dllm',
    'dllm-cache',
    'dynamic-dllm-apd',
  ])('%s on the reference model, as published', async (id) => {
    const dir = join(packageRoot, 'models', family === 'llada' ? 'reference' : 'reference-dream');
    const result = await compare(dir, loadMethod(id, family), { genLength: 64, blockLength: 32, steps: 16 });
    expectAnalytic(result);
    expect(result.nominal).toBeGreaterThan(result.analytic);
  });
});

test.each([
  ['a layer without rows', 'dllm-cache', { updateRatio: 0.01 }, {}],
  ['no adaptive rows', 'dllm-cache', { updateRatio: 0 }, {}],
  ['the layer input as feature', 'dynamic-dllm-released', { selectFrom: 'x' }, {}],
  ['no budget', 'dynamic-dllm', { layerBudget: 0, windowSize: 0 }, {}],
  ['a pass that predicts nothing', 'fast-dllm', {}, { steps: 4 }],
  ['noise and biases', 'vanilla', {}, { temperature: 0.7, logitsEosInf: true, confidenceEosEotInf: true }],
])('%s (%s)', async (_, id, options, settings) => {
  const { cache, unmask } = loadMethod(id);
  const method = { cache: { ...cache, ...options } as CacheOptions, unmask };
  expectAnalytic(await compare(fixtures.llada, method, settings));
});

test("Dream's nucleus and entropy", async () => {
  const settings = { temperature: 0.7, dream: { topP: 0.9, topK: 20, alg: 'entropy' } };
  expectAnalytic(await compare(fixtures.dream, loadMethod('vanilla', 'dream'), settings));
});

describe('a trace', () => {
  const node = (operator: string, inputs: number[][], output: number[], type = 'float') => ({
    cat: 'Node',
    name: `${operator}_1_kernel_time`,
    args: {
      op_name: operator,
      input_type_shape: inputs.map((dims) => ({ [type]: dims })),
      output_type_shape: [{ [type]: output }],
    },
  });
  const run = { cat: 'Session', name: 'model_run', args: {} };

  test('is added up product by product, other arithmetic apart', () => {
    const trace = [
      node('Gemm', [[3, 5]], [3, 7]),
      // Two queries over four keys of two heads, values half as wide.
      node(
        'MultiHeadAttention',
        [
          [1, 2, 8],
          [1, 4, 8],
          [1, 4, 4],
        ],
        [1, 2, 4],
      ),
      node('Add', [[3, 7], [7]], [3, 7]),
      node('Sub', [[9], [9]], [9], 'int64'),
      node('Gather', [[9, 9], [2]], [2, 9]),
      run,
    ];
    expect(executedFlops(JSON.stringify(trace), 2)).toEqual({
      products: 2 * 3 * 5 * 7 + 2 * 2 * 4 * (8 + 4),
      byOperator: { Gemm: 210, MultiHeadAttention: 192 },
      others: 3 * 7 + 4 * (2 * 2 * 4),
      runs: 1,
    });
  });

  test('with an operator that nobody has classified is refused', () => {
    expect(() => executedFlops(JSON.stringify([node('Einsum', [[2, 2]], [2, 2])]), 1)).toThrow(/Einsum/);
  });
});
