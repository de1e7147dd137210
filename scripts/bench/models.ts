import { join } from 'node:path';
import { loadMethod } from '../../src/config/method.js';
import { resolveModel } from '../../src/config/model.js';
import type { MethodOptions } from '../../src/decoding/method.js';
import { benchModels } from '../../src/models/bench-models.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';

/**
 * The checkpoint folder of a model that a benchmark names: what `repro --model` takes, or `random` and
 * `random-dream`, 30 M parameters written into `scratch`.
 */
export async function benchModelDir(name: string, scratch: string, length: number): Promise<string> {
  if (name !== 'random' && name !== 'random-dream') return resolveModel(name).dir;
  const dir = join(scratch, name);
  const family = name === 'random' ? 'llada' : 'dream';
  await writeRandomCheckpoint(
    dir,
    { ...benchModels['random-30m'], maxSequenceLength: length },
    { seed: 'bench', family },
  );
  return dir;
}

/** A method as the model's family takes it, with DCU's sizes for the length of the response. */
export function benchMethod(id: string, family: ModelDimensions['family']): MethodOptions {
  const { cache, unmask } = loadMethod(id, family);
  return { cache: cache.policy === 'dcu' ? { ...cache, auto: true } : cache, unmask };
}
