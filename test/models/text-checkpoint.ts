import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RandomModelSize, writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { packageRoot } from '../../src/paths.js';

/** A model so small that a canvas of thousands of tokens takes no time, as wide as the reference tokenizer. */
export const textSize: RandomModelSize = {
  ...{ dModel: 16, layers: 1, heads: 1, ffnDim: 16, vocabSize: 1024, maxSequenceLength: 512 },
};

/** Random weights with the tokenizer of the reference model, whose special tokens the config names. */
export async function writeTextCheckpoint(
  dir: string,
  size: Partial<RandomModelSize> = {},
  family: ModelDimensions['family'] = 'llada',
): Promise<void> {
  await writeRandomCheckpoint(dir, { ...textSize, ...size }, { seed: 'text', family });
  await editJson(join(dir, 'config.json'), { mask_token_id: 1, eos_token_id: 0, pad_token_id: 0 });
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await cp(join(packageRoot, 'models', 'reference', name), join(dir, name));
}

/** Sets keys of a JSON file; undefined takes one away. */
export async function editJson(path: string, change: object): Promise<void> {
  const value = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...value, ...change }));
}
