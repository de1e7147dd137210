import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions, createCachePolicy } from '../../src/caching/registry.js';
import { DecodingError } from '../../src/decoding/errors.js';
import type { DecodeResult } from '../../src/decoding/loop.js';
import { createUnmaskingRule, type UnmaskOptions, unmaskOptions } from '../../src/decoding/rules/registry.js';
import { replay } from '../../src/decoding/trace.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { fixtureModels, smallSize, temporaryFolder, writeLiftedCheckpoint } from '../oracle/checkpoints.js';
import { oracleDecode } from '../oracle/decode.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import {
  generation,
  openTestModel,
  randomPrompt,
  randomTask,
  run,
  runWith,
  type TestModel,
} from '../oracle/run.js';
import { policies } from './policies.js';
import { replayPasses } from './replay-passes.js';

const rules: readonly UnmaskOptions[] = [
  { rule: 'model' },
  { rule: 'threshold', tau: 0.6 },
  { rule: 'apd', tau0: 0.7 },
  { rule: 'apd-released', mode: 1, tau0: 0.8 },
].map((options) => unmaskOptions.parse(options));
const none = cacheOptions.parse({ policy: 'none' });

let small: TestModel;
let recorded: TestModel;
/** Always prefers the mask; prefers it at some positions only. */
let masking: TestModel;
let halfMasking: TestModel;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await writeRandomCheckpoint(at('small'), smallSize, { seed: 'contract' });
  await writeLiftedCheckpoint(at('masking'), 'masking', ({ maskId }) => new Map([[maskId, 20]]));
  await writeLiftedCheckpoint(at('half'), 'half', ({ maskId }) => new Map([[maskId, 2.5]]));
  small = await openTestModel(at('small'));
  masking = await openTestModel(at('masking'));
  halfMasking = await openTestModel(at('half'));
  recorded = await openTestModel(join(fixtureModels, 'tiny-llada-a'));
});
afterAll(async () => {
  for (const { engine } of [small, masking, halfMasking, recorded]) await engine.close();
  await folder.remove();
});

test('every policy of the registry is under the contract', () => {
  const known = cacheOptions.options.map(({ shape }) => shape.policy.value);
  const tested = new Set(policies.map(({ options }) => options.policy));
  expect([...tested].sort()).toEqual([...known].sort());
});

test('vanilla equals the float64 oracle, token for token', async () => {
  const greedy = rules.filter(({ rule }) => rule !== 'apd-released');
  let decided = 0;
  for (let i = 0; i < 60; i++) {
    const task = randomTask(`oracle ${i}`, small.dimensions, greedy, 10);
    const plain = { ...task.generation, temperature: 0, remasking: 'low-confidence' as const };
    const oracle = oracleDecode(small.weights, { ...task, generation: plain });
    if (oracle.margin < 1e-4) continue;
    const result = await run(small.engine, small.dimensions, { ...task, generation: plain }, none);
    expect([...result.tokens], `case ${i}`).toEqual(oracle.tokens);
    expect(result.nfe, `case ${i}`).toBe(oracle.passes);
    decided += 1;
  }
  expect(decided).toBeGreaterThan(50);
});

const withFullRefresh = policies.filter(
  ({ fullRefresh, name }) => fullRefresh !== undefined && name !== 'none',
);
describe.each(withFullRefresh)('$name at its full-refresh setting', ({ fullRefresh }) => {
  test('equals vanilla on 100 random cases', async () => {
    for (let i = 0; i < 100; i++) {
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
});

function committedOf({ steps }: DecodeResult): [number, number][][] {
  return steps.map(({ committed }) => committed.map(({ position, id }) => [position, id]));
}

describe.each(policies)('$name', ({ options }) => {
  test('every pass equals the oracle on the same stale state and rows', async () => {
    const engine = new RecordingEngine(small.engine, { logits: true });
    let passes = 0;
    for (let i = 0; i < 7; i++) {
      await run(engine, small.dimensions, randomTask(`passes ${i}`, small.dimensions, rules, 20), options);
      passes += replayPasses(small.weights, engine, `case ${i}`);
    }
    expect(passes).toBeGreaterThan(40);
  });

  test('chosen rows respect mandatory rows and budgets, and are the most changed ones', async () => {
    const engine = new RecordingEngine(recorded.engine, { logits: true });
    const task = {
      promptIds: randomPrompt(new Rng('budget'), 9, recorded.dimensions),
      generation: generation({ genLength: 16, blockLength: 8 }),
      unmask: rules[0]!,
    };
    await run(engine, recorded.dimensions, task, options);
    expect(replayPasses(recorded.weights, engine, 'tiny-llada-a')).toBe(16);
  });

  test.each(rules)('nothing leaks from one sample to the next under $rule', async (unmask) => {
    const [a, b] = ['leak a', 'leak b'].map((seed) => randomTask(seed, small.dimensions, [unmask]));
    const parts = { cache: createCachePolicy(options), rule: createUnmaskingRule(unmask) };
    const first = await runWith(small.engine, small.dimensions, a!, parts);
    const other = await runWith(small.engine, small.dimensions, b!, parts);
    expect(await runWith(small.engine, small.dimensions, a!, parts)).toEqual(first);
    expect(await run(small.engine, small.dimensions, b!, options)).toEqual(other);
  });

  test('committed tokens stay, every mask goes, the trace replays', async () => {
    const engine = new RecordingEngine(small.engine);
    const { maskId } = small.dimensions;
    for (let i = 0; i < 12; i++) {
      const task = randomTask(`canvas ${i}`, small.dimensions, rules);
      const { promptIds, generation: g } = task;
      const { tokens, steps, nfe } = await run(engine, small.dimensions, task, options);
      expect(tokens.slice(0, promptIds.length)).toEqual(promptIds);
      expect(tokens.includes(maskId)).toBe(false);
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
    const settings = generation({ genLength: 12, blockLength: 4 });
    const task = { promptIds: Int32Array.of(1, 2, 3), generation: settings, unmask };
    const error: unknown = await run(masking.engine, masking.dimensions, task, options).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(DecodingError);
    expect((error as DecodingError).code).toBe('MASK_PREDICTED');
  });

  test('a model that predicts the mask now and then ends, with all masks gone or the named error', async () => {
    const ends = { complete: 0, error: 0 };
    for (let i = 0; i < 12; i++) {
      const task = randomTask(`half ${i}`, halfMasking.dimensions, rules);
      try {
        const { tokens } = await run(halfMasking.engine, halfMasking.dimensions, task, options);
        expect(tokens.includes(halfMasking.dimensions.maskId)).toBe(false);
        ends.complete += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(DecodingError);
        ends.error += 1;
      }
    }
    expect(ends.complete).toBeGreaterThan(0);
    expect(ends.error).toBeGreaterThan(0);
  });

  test('passes that commit nothing, one-token canvases and an empty prompt run', async () => {
    for (const [promptLength, genLength, blockLength, steps] of [
      [5, 8, 4, 16],
      [5, 8, 8, 24],
      [1, 1, 1, 3],
      [0, 6, 3, 6],
      [20, 2, 1, 8],
    ] as const) {
      const task = {
        promptIds: randomPrompt(new Rng(`${promptLength}`), promptLength, small.dimensions),
        generation: generation({ genLength, blockLength, steps }),
        unmask: rules[0]!,
      };
      const { tokens, nfe } = await run(small.engine, small.dimensions, task, options);
      expect(nfe).toBe(steps);
      expect(tokens.includes(small.dimensions.maskId)).toBe(false);
    }
  });
});
