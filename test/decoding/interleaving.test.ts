import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listMethods, loadMethod } from '../../src/config/method.js';
import type { DecodeResult } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import type { StepEngine, StepRequest } from '../../src/engine/types.js';
import { UsageError } from '../../src/errors.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { contractSize, temporaryFolder } from '../oracle/checkpoints.js';
import {
  generation,
  openTestModel,
  randomPrompt,
  runWith,
  type Task,
  type TestModel,
} from '../oracle/run.js';

type Parts = ReturnType<typeof createMethod>;

/** A method with its settings for the family, and two samples to decode. */
interface Runner {
  readonly id: string;
  parts(): Parts;
  readonly tasks: readonly [Task, Task];
}

/** Blocks of which each takes more passes than the caches' intervals. */
const settings = generation({ genLength: 32, blockLength: 16 });

/** All methods of the package that work on a family. */
function runnersFor({ dimensions }: TestModel): Runner[] {
  const { family } = dimensions;
  return listMethods().flatMap((id) => {
    const method = loadMethod(id, family);
    const parts = () => createMethod(method, family, settings);
    try {
      parts();
    } catch (error) {
      if (error instanceof UsageError) return [];
      throw error;
    }
    const task = (length: number): Task => {
      const promptIds = randomPrompt(new Rng(`${id} ${length}`), length, dimensions);
      return { promptIds, generation: settings, unmask: method.unmask };
    };
    return [{ id, parts, tasks: [task(9), task(4)] }];
  });
}

/** Lets two decodings have one pass each in turn, until one of them ends. */
class Turns {
  readonly order: number[] = [];
  #next = 0;
  readonly #ended = [false, false];

  async take(who: number): Promise<void> {
    while (this.#next !== who && !this.#ended[1 - who]) await new Promise(setImmediate);
    this.order.push(who);
    this.#next = 1 - who;
  }

  end(who: number): void {
    this.#ended[who] = true;
  }
}

/** An engine that asks before each pass. */
function asking(engine: StepEngine, ask: (request: StepRequest) => Promise<void>): StepEngine {
  return {
    device: engine.device,
    facts: engine.facts,
    layers: engine.layers,
    begin: (setup) => engine.begin(setup),
    step: async (request) => {
      await ask(request);
      return engine.step(request);
    },
    memoryBytes: () => engine.memoryBytes(),
    runMs: () => engine.runMs(),
    close: () => engine.close(),
  };
}

describe.each(['llada', 'dream'] as const)('methods beside each other on %s', (family) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let model: TestModel;
  let twin: TestModel;
  let runners: Runner[];
  /** Each sample decoded by parts of its own. */
  let alone: Map<Task, DecodeResult>;

  const decode = (engine: StepEngine, task: Task, parts: Parts) =>
    runWith(engine, model.dimensions, task, parts);

  beforeAll(async () => {
    folder = await temporaryFolder();
    const dir = join(folder.path, family);
    await writeRandomCheckpoint(dir, contractSize(family), { seed: 'beside', family });
    [model, twin] = [await openTestModel(dir), await openTestModel(dir)];
    runners = runnersFor(model);
    alone = new Map();
    for (const { tasks, parts } of runners) {
      for (const task of tasks) alone.set(task, await decode(model.engine, task, parts()));
    }
  });
  afterAll(async () => {
    await model.engine.close();
    await twin.engine.close();
    await folder.remove();
  });

  test('include all methods for the family, and differ', () => {
    const other = { llada: ['dkv-cache-pd', 'dkv-cache-prefill'], dream: ['dkv-cache-greedy'] };
    const ids = runners.map(({ id }) => id);
    const missing = listMethods().filter((id) => !ids.includes(id));
    expect(missing).toEqual(expect.arrayContaining(other[family]));
    expect(ids).toEqual(expect.arrayContaining(['vanilla', 'dllm-cache', 'fast-dllm', 'dynamic-dllm-apd']));
    const outputs = new Set([...alone.values()].map(({ tokens }) => tokens.join()));
    expect(outputs.size).toBeGreaterThan(runners.length);
  });

  test('give the same results in any order, with parts that go on from sample to sample', async () => {
    const samples = runners.flatMap((runner) => {
      const parts = runner.parts();
      return runner.tasks.map((task) => ({ id: runner.id, task, parts }));
    });
    for (let round = 0; round < 5; round++) {
      for (const { id, task, parts } of new Rng(`round ${round}`).shuffle(samples)) {
        expect(await decode(model.engine, task, parts), `${id}, round ${round}`).toEqual(alone.get(task));
      }
    }
  });

  test('give the same results when two decodings have their passes in turn', async () => {
    const pairs = runners.flatMap((runner, i) => [
      [runner, runner] as const,
      [runner, runners[(i + 1) % runners.length]!] as const,
      [runner, runners[(i + 5) % runners.length]!] as const,
    ]);
    for (const [a, b] of pairs) {
      const turns = new Turns();
      const decodeInTurn = async (who: number, engine: StepEngine, task: Task, parts: Parts) => {
        try {
          return await decode(
            asking(engine, () => turns.take(who)),
            task,
            parts,
          );
        } finally {
          turns.end(who);
        }
      };
      const [first, second] = [a.tasks[0], b.tasks[1]];
      const together = await Promise.all([
        decodeInTurn(0, model.engine, first, a.parts()),
        decodeInTurn(1, twin.engine, second, b.parts()),
      ]);
      expect(together, `${a.id} beside ${b.id}`).toEqual([alone.get(first), alone.get(second)]);
      const shorter = Math.min(...together.map(({ nfeExecuted }) => nfeExecuted));
      const inTurn = Array.from({ length: 2 * shorter }, (_, i) => i % 2);
      expect(turns.order.slice(0, 2 * shorter)).toEqual(inTurn);
    }
  });

  test('leave nothing behind when a sample breaks off', async () => {
    for (const { id, parts, tasks } of runners) {
      const used = parts();
      const failing = asking(model.engine, async ({ pass }) => {
        if (pass === 3) throw new Error('broken off');
      });
      await expect(decode(failing, tasks[0], used)).rejects.toThrow('broken off');
      expect(await decode(model.engine, tasks[1], used), id).toEqual(alone.get(tasks[1]));
    }
  });
});
