import { expect } from 'vitest';
import { type CacheOptions, cacheOptions } from '../../src/caching/registry.js';
import { DecodingError } from '../../src/decoding/errors.js';
import type { DecodeResult } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import { savings } from '../../src/graph/savings.js';
import { Rng } from '../../src/stats/rng.js';
import { type Choices, draw } from '../oracle/draw.js';
import { randomTask } from '../oracle/random-task.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import { runWith, type Task } from '../oracle/run.js';
import { canvasFault } from './canvas.js';
import { limitFault } from './limits.js';
import { type ContractModels, type ModelName, modelOf } from './models.js';
import type { PolicyLine } from './policies.js';
import { replayPasses } from './replay.js';

/** The recording engine is to see each pass of the method, also those that need not run. */
export const everyPass = savings.filter((saving) => saving !== 'passes');

/** One random case of a line, as a failure prints it. */
export interface ContractCase {
  readonly model: ModelName;
  readonly cache: CacheOptions;
  readonly task: Task;
}

/** One case in five has guidance, which all policies must bear. */
export const caseSettings: Choices = { cfg: [0, 0, 0, 0, 1.5] };

export function randomCase(models: ContractModels, line: PolicyLine, number: number): ContractCase {
  const seed = `${line.name} ${number}`;
  const model = modelOf(number);
  const cache = cacheOptions.parse(draw(line.options, new Rng(seed)));
  return {
    model,
    cache,
    task: randomTask(seed, models[model].dimensions, { rules: line.rules, settings: caseSettings }),
  };
}

/** How a run ended: with a result, or with the named error of a model that leaves masks. */
export type Outcome = { readonly result: DecodeResult } | { readonly error: string };

export async function outcomeOf(run: Promise<DecodeResult>): Promise<Outcome> {
  try {
    return { result: await run };
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    expect(error.code).toBe('MASK_PREDICTED');
    return { error: error.message };
  }
}

/**
 * Decodes a case once and expects everything that the contract says of one run. The policy, the rule and the
 * engine have served another sample before; the outcome must be that of fresh ones.
 *
 * @returns how the run ended, and whether the oracle could follow it to the end.
 */
export async function checkedRun(
  models: ContractModels,
  { model, cache, task }: ContractCase,
): Promise<{ finished: boolean; followed: boolean }> {
  const { engine, twin, weights, dimensions } = models[model];
  const parts = () => createMethod({ cache, unmask: task.unmask }, dimensions.family, task.generation);
  const used = parts();
  const recording = new RecordingEngine(engine, { logits: true });
  await outcomeOf(runWith(recording, dimensions, otherTask(task, dimensions), used, everyPass));
  const outcome = await outcomeOf(runWith(recording, dimensions, task, used, everyPass));

  const { passes } = recording;
  const result = 'result' in outcome ? outcome.result : undefined;
  expect(canvasFault(task, dimensions.maskId, passes, result)).toBeUndefined();
  expect(limitFault(cache, { task, dimensions, passes })).toBeUndefined();
  const replayed = replayPasses(weights, recording);
  expect(replayed.fault).toBeUndefined();

  const fresh = new RecordingEngine(twin, { logits: true });
  // Passes that are left out change nothing but their count.
  expect(published(await outcomeOf(runWith(fresh, dimensions, task, parts())))).toEqual(published(outcome));
  return { finished: result !== undefined, followed: replayed.undecided === undefined };
}

/** An outcome without what the engine really ran. */
function published(outcome: Outcome) {
  if (!('result' in outcome)) return outcome;
  const { rowsExecuted: _rows, nfeExecuted: _nfe, ...result } = outcome.result;
  return { result };
}

/** A sample of another shape for the same policy and rule, which keep Dream's sampler settings. */
function otherTask({ unmask, generation }: Task, dimensions: ContractModels['small']['dimensions']): Task {
  const other = randomTask(`before ${generation.seed}`, dimensions, { rules: [unmask], longest: 6 });
  const { dream, cfg } = generation;
  return { ...other, generation: { ...other.generation, dream, cfg } };
}
