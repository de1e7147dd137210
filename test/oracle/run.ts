import type { CachePolicy } from '../../src/caching/policy.js';
import type { CacheOptions } from '../../src/caching/registry.js';
import { type DecodeResult, decode } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import type { UnmaskingRule } from '../../src/decoding/rule.js';
import type { UnmaskOptions } from '../../src/decoding/rules/registry.js';
import { type Generation, generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { openLocalEngine } from '../../src/engine/open.js';
import type { StepEngine } from '../../src/engine/types.js';
import type { Saving } from '../../src/graph/savings.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import type { ModelDimensions } from '../../src/models/types.js';
import type { Rng } from '../../src/stats/rng.js';
import { loadWeights, type ModelWeights } from './weights.js';

/** A model three times: on the engine, as float64 weights, as numbers. */
export interface TestModel {
  readonly engine: StepEngine;
  readonly weights: ModelWeights;
  readonly dimensions: ModelDimensions;
}

export async function openTestModel(dir: string): Promise<TestModel> {
  const { dimensions } = await openCheckpoint(dir);
  const engine = await openLocalEngine({ checkpointDir: dir, threads: 1 });
  return { engine, weights: await loadWeights(dir), dimensions };
}

/** What is decoded: everything but the cache. */
export interface Task {
  readonly promptIds: Int32Array;
  readonly generation: Generation;
  readonly unmask: UnmaskOptions;
}

/** Decodes a task with a fresh policy and rule; the clock stands still. */
export function run(
  engine: StepEngine,
  dimensions: ModelDimensions,
  task: Task,
  cache: CacheOptions,
  savings?: readonly Saving[],
): Promise<DecodeResult> {
  const parts = createMethod({ cache, unmask: task.unmask }, dimensions.family, task.generation);
  return runWith(engine, dimensions, task, parts, savings);
}

/** Decodes a task with a policy and a rule that may have served other samples. */
export function runWith(
  engine: StepEngine,
  { maskId, eosId, eotId, predictsNext }: ModelDimensions,
  { promptIds, generation }: Task,
  { cache, rule }: { readonly cache: CachePolicy; readonly rule: UnmaskingRule },
  savings?: readonly Saving[],
): Promise<DecodeResult> {
  const special = { maskId, eosId, predictsNext, ...(eotId === undefined ? {} : { eotId }) };
  const leftOut = savings === undefined ? {} : { savings };
  return decode(engine, { promptIds, generation, cache, rule, special, clock: () => 0, ...leftOut });
}

/** Generation settings with the schema's defaults. */
export function generation(settings: Record<string, unknown>): Generation {
  return resolveGeneration(generationOptions.parse(settings));
}

/** Ids of ordinary tokens: neither mask nor end of text. */
export function randomPrompt(rng: Rng, length: number, { vocabSize }: ModelDimensions): Int32Array {
  return Int32Array.from({ length }, () => rng.below(vocabSize - 2));
}
