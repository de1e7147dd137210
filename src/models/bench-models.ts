import { join } from 'node:path';
import { exists } from '../formats/files.js';
import { ownPartial, removeLeftOvers } from '../formats/partials.js';
import { cacheFolder } from './cache-folder.js';
import { makePartial, putInPlace } from './cached-folders.js';
import { type RandomModelSize, writeRandomCheckpoint } from './random.js';

const maxSequenceLength = 4096;

/** Random models of round sizes, for speed alone: LLaDA's layout in float32, heads of 64 or 128. */
export const benchModels = {
  'random-30m': { dModel: 512, layers: 8, heads: 8, ffnDim: 1408, vocabSize: 4096, maxSequenceLength },
  'random-100m': { dModel: 768, layers: 12, heads: 12, ffnDim: 2048, vocabSize: 8192, maxSequenceLength },
  'random-1b': { dModel: 2048, layers: 18, heads: 16, ffnDim: 5632, vocabSize: 16384, maxSequenceLength },
} as const satisfies Record<string, RandomModelSize>;

export type BenchModelName = keyof typeof benchModels;

export function isBenchModel(name: string): name is BenchModelName {
  return Object.hasOwn(benchModels, name);
}

/**
 * The folder of a random model, made on the first call and kept: `random/<name>` in the cache. Equal bytes everywhere.
 *
 * @param say Gets a line before it is made.
 * @throws UsageError `CACHE_NOT_WRITABLE`
 */
export async function benchModelDir(
  name: BenchModelName,
  say: (line: string) => void,
  cacheDir: string = cacheFolder('random'),
  size: RandomModelSize = benchModels[name],
): Promise<string> {
  const target = join(cacheDir, name);
  if (await exists(join(target, 'config.json'))) return target;
  say(`making ${name} once, in ${target}`);
  await removeLeftOvers(cacheDir);
  const partial = ownPartial(target);
  await makePartial('random models', cacheDir, partial);
  await writeRandomCheckpoint(partial, size, { seed: 'bench' });
  await putInPlace(partial, target, (folder) => exists(join(folder, 'config.json')));
  return target;
}
