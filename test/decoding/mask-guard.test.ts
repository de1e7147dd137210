import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { createMethod } from '../../src/decoding/method.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { temporaryFolder, writeLiftedCheckpoint } from '../oracle/checkpoints.js';
import type { Choices } from '../oracle/draw.js';
import { randomTask } from '../oracle/random-task.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import { openTestModel, runWith, type Task, type TestModel } from '../oracle/run.js';

/**
 * A model that predicts the mask token commits nothing, and published loops that wait for the last mask would go
 * on for ever. A loop with a schedule ends with it, and then no mask may be left. A loop without one ends when
 * more passes in a row than a block has positions have revealed nothing. Both end with `MASK_PREDICTED`.
 */
interface Loop {
  readonly name: string;
  readonly policy: string;
  readonly rule: Choices;
  readonly settings?: Choices;
  /** Passes come from the schedule (`steps`), or go on until the masks of a block or of the response are gone. */
  readonly ends: 'by schedule' | 'with the block' | 'with the response';
}

const byMasks: Choices[] = [
  { rule: 'threshold', tau: 0.6 },
  { rule: 'factor' },
  { rule: 'apd', tau0: 0.7 },
  ...[0, 1, 2].map((mode) => ({ rule: 'apd-released', mode, tau0: 0.7 })),
];
const bySchedule: Choices[] = [{ rule: 'model' }, { rule: 'quota' }, { rule: 'random-order' }];

function loop(policy: string, rule: Choices, ends: Loop['ends'], dream?: Choices): Loop {
  const name = [policy, ...Object.values(rule), ...Object.values(dream ?? {})].join(' ');
  return { name, policy, rule, ends, ...(dream === undefined ? {} : { settings: { dream } }) };
}

const loops: Record<ModelDimensions['family'], Loop[]> = {
  llada: [
    ...bySchedule.map((rule) => loop('none', rule, 'by schedule')),
    ...byMasks.map((rule) => loop('none', rule, 'with the block')),
    // Fast-dLLM's loop waits for the block whatever the rule is.
    ...['prefix', 'dual'].flatMap((policy) =>
      [...bySchedule, ...byMasks].map((rule) => loop(policy, rule, 'with the block')),
    ),
  ],
  dream: [
    ...['origin', 'maskgit-plus', 'topk-margin', 'entropy'].map((alg) =>
      loop('none', { rule: 'model' }, 'by schedule', { alg }),
    ),
    ...bySchedule.slice(1).map((rule) => loop('none', rule, 'by schedule')),
    loop('none', byMasks[0]!, 'with the response'),
    loop('none', { ...byMasks[0], tokensPerStep: 1 }, 'with the response'),
    ...byMasks.slice(1).map((rule) => loop('none', rule, 'with the block')),
    ...['prefix', 'dual'].flatMap((policy) => [
      loop(policy, { rule: 'model' }, 'by schedule'),
      loop(policy, byMasks[0]!, 'with the block'),
    ]),
  ],
};

/** Passes in a row that may reveal nothing. */
function patience({ ends }: Loop, { generation }: Task): number {
  if (ends === 'by schedule') return generation.steps;
  return ends === 'with the block' ? generation.blockLength : generation.genLength;
}

const named = { name: 'DecodingError', code: 'MASK_PREDICTED' };

interface Ended {
  readonly passes: number;
  /** Longest row of passes that revealed nothing. */
  readonly stalled: number;
  readonly error: unknown;
}

/** Every pass of the method runs, those that reveal nothing as well. */
async function decodeToTheEnd(
  { engine, dimensions }: TestModel,
  { policy }: Loop,
  task: Task,
): Promise<Ended> {
  const recording = new RecordingEngine(engine);
  const parts = createMethod(
    { cache: cacheOptions.parse({ policy }), unmask: task.unmask },
    dimensions.family,
    task.generation,
  );
  let error: unknown;
  try {
    const { tokens } = await runWith(recording, dimensions, task, parts, ['head-rows']);
    if (tokens.includes(dimensions.maskId)) throw new Error('a mask is left');
  } catch (reason) {
    error = reason;
  }
  const canvases = recording.passes.map(({ request }) => request.tokens.join());
  const rows = new Map<string, number>();
  for (const canvas of canvases) rows.set(canvas, (rows.get(canvas) ?? 0) + 1);
  return { passes: canvases.length, stalled: Math.max(...rows.values()), error };
}

describe.each(['llada', 'dream'] as const)('mask predictions on %s', (family) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let always: TestModel;
  let sometimes: TestModel;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const open = async (name: string, lift: number) => {
      const dir = join(folder.path, name);
      await writeLiftedCheckpoint(dir, name, ({ maskId }) => new Map([[maskId, lift]]), family);
      return openTestModel(dir);
    };
    always = await open('masking', 20);
    sometimes = await open('half', 2);
  });
  afterAll(async () => {
    await always.engine.close();
    await sometimes.engine.close();
    await folder.remove();
  });

  test('meet every rule', () => {
    const known = unmaskOptions.options.map(({ shape }) => shape.rule.value);
    expect(new Set(loops[family].map(({ rule }) => rule.rule))).toEqual(new Set(known));
  });

  const taskOf = (seed: string, { rule, settings = {} }: Loop, temperature: readonly number[]) =>
    randomTask(seed, always.dimensions, { rules: [rule], settings: { temperature, ...settings } });

  test.each(loops[family])('$name: always the mask ends $ends', async (loop) => {
    for (let i = 0; i < 20; i++) {
      const task = taskOf(`always ${i}`, loop, [0]);
      const { passes, error } = await decodeToTheEnd(always, loop, task);
      expect(error).toMatchObject(named);
      expect(passes).toBe(loop.ends === 'by schedule' ? task.generation.steps : patience(loop, task) + 1);
    }
  });

  test.each(loops[family])('$name: the mask now and then ends in time', async (loop) => {
    const ends = { complete: 0, error: 0 };
    for (let i = 0; i < 60; i++) {
      const task = taskOf(`sometimes ${i}`, loop, [0, 0.7]);
      const { passes, stalled, error } = await decodeToTheEnd(sometimes, loop, task);
      // Every other pass turns a mask into a token, so that this bounds all passes. The second pass that a
      // block of Fast-dLLM takes at least may come before those of the next block.
      expect(stalled, JSON.stringify(task.generation)).toBeLessThanOrEqual(patience(loop, task) + 2);
      if (loop.ends === 'by schedule') expect(passes).toBe(task.generation.steps);
      if (error !== undefined) expect(error).toMatchObject(named);
      ends[error === undefined ? 'complete' : 'error'] += 1;
    }
    expect(ends.complete).toBeGreaterThan(0);
    expect(ends.error).toBeGreaterThan(0);
  });
});
