import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { DecodingError } from '../../src/decoding/errors.js';
import type { DecodeResult } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import { replay } from '../../src/decoding/trace.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { Rng } from '../../src/stats/rng.js';
import {
  fixtureModels,
  smallDreamSize,
  smallSize,
  temporaryFolder,
  writeLiftedCheckpoint,
} from '../oracle/checkpoints.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import {
  generation,
  openTestModel,
  randomPrompt,
  randomTask,
  run,
  runWith,
  type Task,
  type TestModel,
} from '../oracle/run.js';
import { type PolicyCase, policies } from './policies.js';
import { replayPasses } from './replay-passes.js';

const none = cacheOptions.parse({ policy: 'none' });

/** Random cases of a test: few in a normal run; REPRO_CASES raises all of them. */
export function cases(usual: number): number {
  return Math.max(usual, Number(process.env.REPRO_CASES ?? 0));
}

/** The models that a family's policies are tried on. */
export interface ContractModels {
  readonly small: TestModel;
  /** A second engine on the same checkpoint. */
  readonly twin: TestModel;
  readonly recorded: TestModel;
  /** Always prefers the mask. */
  readonly masking: TestModel;
  /** Prefers the mask at some positions only. */
  readonly halfMasking: TestModel;
}

/** Everything that holds for every cache policy of a model family. @returns the models, once tests run. */
export function describeContract(family: ModelDimensions['family']): () => ContractModels {
  let models: ContractModels;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const size = family === 'dream' ? smallDreamSize : smallSize;
    await writeRandomCheckpoint(at('small'), size, { seed: 'contract', family });
    await writeLiftedCheckpoint(at('masking'), 'masking', ({ maskId }) => new Map([[maskId, 20]]), family);
    await writeLiftedCheckpoint(at('half'), 'half', ({ maskId }) => new Map([[maskId, 2.5]]), family);
    models = {
      small: await openTestModel(at('small')),
      twin: await openTestModel(at('small')),
      masking: await openTestModel(at('masking')),
      halfMasking: await openTestModel(at('half')),
      recorded: await openTestModel(
        join(fixtureModels, family === 'dream' ? 'tiny-dream-c' : 'tiny-llada-a'),
      ),
    };
  });
  afterAll(async () => {
    for (const { engine } of Object.values(models) as TestModel[]) await engine.close();
    await folder.remove();
  });

  const timeout = Math.max(120_000, cases(0) * 2_000);
  for (const policy of policies[family]) {
    describe(policy.name, { timeout }, () => {
      if (policy.fullRefresh !== undefined) describeFullRefresh(policy, () => models);
      describePolicy(policy, () => models);
    });
  }
  return () => models;
}

function describeFullRefresh({ fullRefresh, rules }: PolicyCase, models: () => ContractModels): void {
  test('equals vanilla at its full-refresh setting', async () => {
    const { small, recorded } = models();
    for (let i = 0; i < cases(40); i++) {
      const model = i % 10 === 0 ? recorded : small;
      const task = randomTask(`full ${i}`, model.dimensions, rules);
      const vanilla = await run(model.engine, model.dimensions, task, none);
      const ours = await run(model.engine, model.dimensions, task, fullRefresh!);
      const where = `case ${i}: ${JSON.stringify(task)}`;
      expect([...ours.tokens], where).toEqual([...vanilla.tokens]);
      expect(committedOf(ours), where).toEqual(committedOf(vanilla));
      // Layer by layer everything is computed: this is a full refresh and not a lucky cache.
      expect(ours.rows.layerRows, where).toBe(vanilla.rows.layerRows);
    }
  });
}

function committedOf({ steps }: DecodeResult): [number, number][][] {
  return steps.map(({ committed }) => committed.map(({ position, id }) => [position, id]));
}

function describePolicy({ options, rules }: PolicyCase, models: () => ContractModels): void {
  test('every pass equals the oracle on the same stale state and rows', async () => {
    const { small } = models();
    const engine = new RecordingEngine(small.engine, { logits: true });
    let passes = 0;
    for (let i = 0; i < cases(6); i++) {
      await run(engine, small.dimensions, randomTask(`passes ${i}`, small.dimensions, rules, 16), options);
      passes += replayPasses(small.weights, engine, `case ${i}`);
    }
    expect(passes).toBeGreaterThan(30);
  });

  test('chosen rows respect mandatory rows and budgets, and are the most changed ones', async () => {
    const { recorded } = models();
    const engine = new RecordingEngine(recorded.engine, { logits: true });
    const task = {
      promptIds: randomPrompt(new Rng('budget'), 9, recorded.dimensions),
      generation: generation({ genLength: 16, blockLength: 8 }),
      unmask: rules[0]!,
    };
    await run(engine, recorded.dimensions, task, options);
    expect(replayPasses(recorded.weights, engine, 'recorded model')).toBe(16);
  });

  test.each(rules)('nothing leaks from one sample to the next under $rule', async (unmask) => {
    const { engine, dimensions } = models().small;
    const a = randomTask('leak a', dimensions, [unmask]);
    const other = randomTask('leak b', dimensions, [unmask]);
    // Dream's sampler settings are part of the rule, which serves both samples.
    const b: Task = { ...other, generation: { ...other.generation, dream: a.generation.dream } };
    const parts = createMethod({ cache: options, unmask }, dimensions.family, a.generation);
    const first = await runWith(engine, dimensions, a, parts);
    const second = await runWith(engine, dimensions, b, parts);
    expect(await runWith(engine, dimensions, a, parts)).toEqual(first);
    expect(await run(engine, dimensions, b, options)).toEqual(second);
  });

  test('committed tokens stay, every mask goes, the trace replays', async () => {
    const { small } = models();
    const engine = new RecordingEngine(small.engine);
    const { maskId } = small.dimensions;
    for (let i = 0; i < cases(40); i++) {
      const task = randomTask(`canvas ${i}`, small.dimensions, rules);
      const { promptIds, generation: g } = task;
      const { tokens, steps, nfe } = await run(engine, small.dimensions, task, options);
      expect(tokens.slice(0, promptIds.length)).toEqual(promptIds);
      expect(tokens.includes(maskId), `case ${i}`).toBe(false);
      expect(replay(promptIds, g.genLength, maskId, steps)).toEqual(tokens);
      expect(nfe).toBe(engine.passes.length);
      expect(steps.map(({ step }) => step)).toEqual(steps.map((_, n) => n));
      const canvases = [...engine.passes.map(({ request }) => request.tokens), tokens];
      for (const [n, before] of canvases.slice(0, -1).entries()) {
        const changed = [...before.keys()].filter((p) => before[p] !== canvases[n + 1]![p]);
        expect(changed).toEqual(steps[n]!.committed.map(({ position }) => position));
        expect(changed.every((p) => before[p] === maskId)).toBe(true);
      }
    }
  });

  test.each(rules)('a model that predicts the mask ends with a named error under $rule', async (unmask) => {
    const { engine, dimensions } = models().masking;
    const settings = generation({ genLength: 12, blockLength: 4 });
    const task = { promptIds: Int32Array.of(1, 2, 3), generation: settings, unmask };
    const error: unknown = await run(engine, dimensions, task, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DecodingError);
    expect((error as DecodingError).code).toBe('MASK_PREDICTED');
  });

  test('a model that predicts the mask now and then ends, with all masks gone or the named error', async () => {
    const { engine, dimensions } = models().halfMasking;
    const ends = { complete: 0, error: 0 };
    for (let i = 0; i < cases(20); i++) {
      const task = randomTask(`half ${i}`, dimensions, rules);
      try {
        const { tokens } = await run(engine, dimensions, task, options);
        expect(tokens.includes(dimensions.maskId)).toBe(false);
        ends.complete += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(DecodingError);
        ends.error += 1;
      }
    }
    // In an order that is known beforehand every position has one chance, and no model of this kind gets through.
    const retries = rules.some(({ rule }) => rule !== 'random-order');
    if (retries) expect(ends.complete).toBeGreaterThan(0);
    expect(ends.error).toBeGreaterThan(0);
  });

  test('passes that commit nothing, one-token canvases and an empty prompt run', async () => {
    const { engine, dimensions } = models().small;
    for (const [promptLength, genLength, blockLength, steps] of [
      [5, 8, 4, 16],
      [5, 8, 8, 24],
      [1, 1, 1, 3],
      [0, 6, 3, 6],
      [20, 2, 1, 8],
    ] as const) {
      const task = {
        promptIds: randomPrompt(new Rng(`${promptLength}`), promptLength, dimensions),
        generation: generation({ genLength, blockLength, steps }),
        unmask: rules[0]!,
      };
      const { cache } = createMethod({ cache: options, ...task }, dimensions.family, task.generation);
      const { tokens, nfe } = await run(engine, dimensions, task, options);
      // Fast-dLLM's loop ends a block of LLaDA when it has no mask, after two passes at least.
      const blocks = genLength / blockLength;
      const perBlock = Math.max(cache.minPassesPerBlock ?? 0, Math.min(blockLength, steps / blocks));
      expect(nfe).toBe(cache.minPassesPerBlock === undefined ? steps : blocks * perBlock);
      expect(tokens.includes(dimensions.maskId)).toBe(false);
    }
  });
}
