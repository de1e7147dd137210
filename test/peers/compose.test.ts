import { describe, expect, test } from 'vitest';
import { type CaseOptions, methodsNamed, openCase } from '../../scripts/peers/cases.js';
import {
  compareSpeeds,
  composedMs,
  countKinds,
  passesWithAllKinds,
  passKinds,
} from '../../scripts/peers/compose.js';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { openLocalEngine } from '../../src/engine/open.js';
import { benchPrompt } from '../../src/experiments/passes/bench-prompt.js';
import { watchPasses } from '../../src/experiments/passes/watched-passes.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { smallSize, temporaryFolder } from '../oracle/checkpoints.js';

const generation = resolveGeneration(generationOptions.parse({ genLength: 64, blockLength: 16 }));

describe('kinds of passes', () => {
  test('are those whose rows the engine computes', async () => {
    const { path, remove } = await temporaryFolder();
    await writeRandomCheckpoint(path, smallSize, { seed: 'peers' });
    const { dimensions } = await openCheckpoint(path);
    const engine = await openLocalEngine({ checkpointDir: path, threads: 1 });
    try {
      for (const [id, options] of methodsNamed(undefined, 'reference')) {
        // Intervals short enough to meet every kind more than once.
        const { cache } = options;
        const intervals = 'promptInterval' in cache ? { promptInterval: 6, responseInterval: 4 } : {};
        // And budgets that leave rows out: 32 layers are built into the released code.
        const budget = cache.policy === 'dcu-released' ? { layerBudget: 1, windowSize: 8 } : {};
        const method = { ...options, cache: { ...cache, ...intervals, ...budget } };
        const kinds = passKinds(method, generation);
        if (kinds === undefined) continue;
        const sample = { promptIds: benchPrompt(20, dimensions), method, generation };
        const { passes } = await watchPasses(engine, dimensions, sample, monotonicClock);
        expect(passes, id).toHaveLength(kinds.length);
        const rows = (kind: string) =>
          new Set(passes.filter((_, i) => kinds[i] === kind).map(({ layerRows }) => layerRows));
        const all = dimensions.layers * (20 + 64);
        expect(rows('full'), id).toEqual(new Set([all]));
        for (const kind of ['prompt', 'response', 'chosen', 'block']) {
          for (const count of rows(kind)) expect(count, `${id} ${kind}`).toBeLessThan(all);
        }
        if (cache.policy === 'dllm-cache') {
          // Layer 0 is complete; the others compute a part, or a quarter of the response.
          const [layer, others] = [84, dimensions.layers - 1];
          expect(rows('prompt')).toEqual(new Set([layer + others * (20 + 16)]));
          expect(rows('response')).toEqual(new Set([layer + others * 64]));
          expect(rows('chosen')).toEqual(new Set([layer + others * 16]));
        }
      }
    } finally {
      await engine.close();
      await remove();
    }
  });

  test('of parallel decoding are not known beforehand', () => {
    const parallel = methodsNamed('fast-dllm-dual-parallel,dynamic-dllm-apd', '100m');
    for (const method of parallel.values()) expect(passKinds(method, generation)).toBeUndefined();
  });
});

describe('a composed sample', () => {
  const kinds = ['full', 'chosen', 'chosen', 'response', 'chosen', 'chosen', 'response', 'chosen'] as const;

  test('takes each kind as often as it comes, for the median of its timed passes', () => {
    expect(composedMs(kinds, [100, 10, 14, 50])).toBe(100 + 5 * 12 + 2 * 50);
    expect(composedMs(['full', 'full', 'full'], [7, 9])).toBe(24);
  });

  test('is refused where a kind was not timed', () => {
    expect(() => composedMs(kinds, [100, 10])).toThrow('no response pass was timed');
  });

  test('is cut where every kind has come', () => {
    expect(passesWithAllKinds(kinds, 1)).toBe(4);
    expect(passesWithAllKinds(kinds, 6)).toBe(6);
    expect(passesWithAllKinds(kinds, 99)).toBe(8);
    expect(countKinds(kinds, 5, 3)).toBe('full 3, chosen 9, response 3');
  });
});

test('speeds are of the canvas, their ratio of the pairs', () => {
  const pairs = [
    { oursMs: 100, theirsMs: 300 },
    { oursMs: 200, theirsMs: 400 },
    { oursMs: 50, theirsMs: 200 },
  ];
  const { ours, theirs, ratio, interval } = compareSpeeds(pairs, 20);
  expect(ours).toEqual({ median: 200, lower: 150, upper: 300 });
  expect(theirs.median).toBeCloseTo(66.667, 2);
  // Not the ratio of the medians: those of the two sides may be of different pairs.
  expect(ratio).toBe(3);
  expect(interval!.low).toBeLessThan(3);
  expect(interval!.high).toBeGreaterThan(3);
  expect(compareSpeeds(pairs.slice(0, 1), 20).interval).toBeUndefined();
});

describe('the cases', () => {
  const options: CaseOptions = {
    rounds: undefined,
    passes: undefined,
    promptLength: 900,
    genLength: undefined,
    prompts: 8,
    whole: false,
  };

  test('of the reference model are prompts of its six tasks, one after the other', async () => {
    const { prompts, checkpoint, goals } = await openCase('reference', options, '');
    expect(new Set(prompts.map((prompt) => prompt.join())).size).toBe(8);
    for (const prompt of prompts)
      expect(prompt.length + 128).toBeLessThan(checkpoint.dimensions.maxSequenceLength);
    expect(goals['dynamic-dllm']).toBe(3);
  });

  test('refuse a method without a PyTorch side', () => {
    expect(() => methodsNamed('vanilla,dkv-cache', '100m')).toThrow(
      '--methods: "dkv-cache" has no PyTorch side',
    );
  });
});
