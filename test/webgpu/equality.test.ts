import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { openLocalEngine } from '../../src/engine/open.js';
import type { StepEngine } from '../../src/engine/types.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { Rng } from '../../src/stats/rng.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import { generation, randomPrompt, run, type Task } from '../oracle/run.js';
import { noSoftwareAdapter, openSoftwareEngine } from './software-gpu.js';

/** What the issue asks of probabilities; tokens must be equal. */
const tolerance = 1e-3;

interface Pair {
  readonly cpu: StepEngine;
  readonly gpu: StepEngine;
  /** A GPU whose buffers are so small that weights are split, heads computed in turn and embeddings made outside. */
  readonly smallGpu: StepEngine;
  readonly dimensions: ModelDimensions;
}

const names = { llada: 'tiny-llada-a', dream: 'tiny-dream-c' } as const;
type Family = keyof typeof names;

interface Case {
  readonly name: string;
  readonly family: Family;
  readonly cache: Record<string, unknown>;
  readonly unmask?: Record<string, unknown>;
  readonly settings?: Record<string, unknown>;
  readonly small?: boolean;
}

const dcu = { policy: 'dcu', layerBudget: 6, windowSize: 4 };
const released = { policy: 'dcu-released', layerBudget: 1, windowSize: 4 };
const dllm = { policy: 'dllm-cache', promptInterval: 6, responseInterval: 4, updateRatio: 0.25 };

const cases: readonly Case[] = [
  { name: 'vanilla', family: 'llada', cache: { policy: 'none' } },
  { name: 'vanilla, small buffers', family: 'llada', cache: { policy: 'none' }, small: true },
  { name: 'vanilla with guidance', family: 'llada', cache: { policy: 'none' }, settings: { cfg: 1.5 } },
  { name: 'vanilla with noise', family: 'llada', cache: { policy: 'none' }, settings: { temperature: 0.7 } },
  {
    name: 'vanilla without end of text',
    family: 'llada',
    cache: { policy: 'none' },
    settings: { logitsEosInf: true, confidenceEosEotInf: true },
  },
  { name: 'prefix', family: 'llada', cache: { policy: 'prefix' } },
  { name: 'dual', family: 'llada', cache: { policy: 'dual' }, unmask: { rule: 'threshold', tau: 0.3 } },
  { name: 'dKV-decode', family: 'llada', cache: { policy: 'dkv-decode', refreshInterval: 4 } },
  { name: 'dcu', family: 'llada', cache: dcu },
  { name: 'dcu, small buffers', family: 'llada', cache: dcu, small: true },
  { name: 'dcu without budget', family: 'llada', cache: { ...dcu, layerBudget: 0 } },
  { name: 'dcu compared with what is cached', family: 'llada', cache: { ...dcu, compare: 'cached' } },
  { name: 'dcu with apd', family: 'llada', cache: dcu, unmask: { rule: 'apd', tau0: 0.5 } },
  { name: 'dcu with guidance', family: 'llada', cache: dcu, settings: { cfg: 0.8 } },
  { name: 'dcu-released by V', family: 'llada', cache: released },
  {
    name: 'dcu-released by x',
    family: 'llada',
    cache: { ...released, selectFrom: 'x', responseInterval: 5 },
  },
  { name: 'dLLM-Cache', family: 'llada', cache: dllm },
  { name: 'dLLM-Cache without updates', family: 'llada', cache: { ...dllm, updateRatio: 0 } },
  {
    name: 'dLLM-Cache with kept guidance',
    family: 'llada',
    cache: { ...dllm, guidanceInterval: 3 },
    settings: { cfg: 1.2 },
  },
  { name: 'vanilla', family: 'dream', cache: { policy: 'none' }, settings: { dream: { alg: 'entropy' } } },
  {
    name: 'vanilla with nucleus',
    family: 'dream',
    cache: { policy: 'none' },
    settings: { temperature: 0.4, dream: { alg: 'topk-margin', topP: 0.8, topK: 40 } },
  },
  { name: 'dKV-pd', family: 'dream', cache: { policy: 'dkv-pd', refreshInterval: 4 } },
  { name: 'dual, small buffers', family: 'dream', cache: { policy: 'dual' }, small: true },
  { name: 'dcu', family: 'dream', cache: dcu },
];

describe.skipIf(noSoftwareAdapter)('WebGPU decodes as the processor', () => {
  const pairs = {} as Record<Family, Pair>;
  beforeAll(async () => {
    for (const family of ['llada', 'dream'] as const) {
      const dir = join(fixtureModels, names[family]);
      pairs[family] = {
        cpu: await openLocalEngine({ checkpointDir: dir, threads: 1 }),
        gpu: await openSoftwareEngine(dir),
        smallGpu: await openSoftwareEngine(dir, { bindingBytes: 36_000 }),
        dimensions: (await openCheckpoint(dir)).dimensions,
      };
    }
  });
  afterAll(async () => {
    for (const { cpu, gpu, smallGpu } of Object.values(pairs)) {
      for (const engine of [cpu, gpu, smallGpu]) await engine.close();
    }
  });

  test.each(cases)('$family: $name', async ({ name, family, cache, unmask, settings, small }) => {
    const { cpu, gpu, smallGpu, dimensions } = pairs[family];
    const task: Task = {
      promptIds: randomPrompt(new Rng(`${family} ${name}`), small ? 25 : 9, dimensions),
      generation: generation({ genLength: 16, blockLength: 8, steps: 8, seed: 'webgpu', ...settings }),
      unmask: unmaskOptions.parse(unmask ?? { rule: 'model' }),
    };
    const [ours, theirs] = [small ? smallGpu : gpu, cpu].map((engine) => new RecordingEngine(engine));
    const decoded = await run(ours!, dimensions, task, cacheOptions.parse(cache));
    const expected = await run(theirs!, dimensions, task, cacheOptions.parse(cache));
    expect(decoded.tokens).toEqual(expected.tokens);
    expect(decoded.rows).toEqual(expected.rows);
    expect(ours!.passes.length).toBe(theirs!.passes.length);
    for (const [i, { result }] of theirs!.passes.entries()) {
      const own = ours!.passes[i]!.result;
      expect(own.best).toEqual(result.best);
      expect(own.layerRows).toEqual(result.layerRows);
      expect(own.unconditionalLayerRows).toEqual(result.unconditionalLayerRows);
      for (const what of ['p1', 'p2', 'shift', 'entropy', 'layerMeans'] as const) {
        expect(largest(own[what], result[what]), `${what} of pass ${i}`).toBeLessThan(tolerance);
      }
    }
  });

  test('small buffers change how the engine computes', () => {
    expect(pairs.llada.smallGpu.facts).toMatchObject({ embedding: 'host' });
    expect(pairs.llada.gpu.facts).toEqual({
      attention: 'decomposed',
      weights: 'float32',
      embedding: 'graph',
    });
  });
});

/** The largest difference; NaN only meets NaN. */
function largest(a: Float64Array | undefined, b: Float64Array | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : Number.POSITIVE_INFINITY;
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((max, x, i) => {
    const difference = Number.isNaN(x) && Number.isNaN(b[i]!) ? 0 : Math.abs(x - b[i]!);
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(max, difference);
  }, 0);
}
