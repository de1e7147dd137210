import { join } from 'node:path';
import { loadMethod } from '../../src/config/method.js';
import { resolveModel } from '../../src/config/model.js';
import type { MethodOptions } from '../../src/decoding/method.js';
import { type RandomModelSize, writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';

/** A model of 30 M parameters: "M" of the engine page. */
export function randomSize(maxSequenceLength: number): RandomModelSize {
  return { dModel: 512, layers: 8, heads: 8, ffnDim: 1408, vocabSize: 4096, maxSequenceLength };
}

/**
 * The checkpoint folder of a model that a benchmark names: what `repro --model` takes, or `random` and
 * `random-dream`, 30 M parameters written into `scratch`.
 */
export async function benchModelDir(name: string, scratch: string, length: number): Promise<string> {
  if (name !== 'random' && name !== 'random-dream') return resolveModel(name).dir;
  const dir = join(scratch, name);
  const family = name === 'random' ? 'llada' : 'dream';
  await writeRandomCheckpoint(dir, randomSize(length), { seed: 'bench', family });
  return dir;
}

/** A method as the model's family takes it, with DCU's sizes for the length of the response. */
export function benchMethod(id: string, family: ModelDimensions['family']): MethodOptions {
  const { cache, unmask } = loadMethod(id, family);
  return { cache: cache.policy === 'dcu' ? { ...cache, auto: true } : cache, unmask };
}
