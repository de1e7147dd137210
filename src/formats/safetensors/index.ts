import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from '../../errors.js';
import { findDuplicateKey, isJsonObject } from '../json.js';
import { openSafetensors, type SafetensorsFile, type StoredTensor } from './file.js';

/** File names of the Hugging Face layout. */
export const singleFileName = 'model.safetensors';
export const indexFileName = 'model.safetensors.index.json';

/** The weights of one model, in one file or several. */
export interface WeightFiles {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Paths, sorted. */
  readonly files: readonly string[];
}

/** The weights of a single .safetensors file. */
export async function openSingleFile(path: string): Promise<WeightFiles> {
  const { tensors } = await openSafetensors(path);
  return { tensors, files: [path] };
}

/**
 * The weights that a `model.safetensors.index.json` in `dir` names. Every file and every tensor that it names
 * must be there; tensors that it does not name are left out.
 *
 * @throws UsageError naming the index and what it gets wrong.
 */
export async function openSharded(dir: string): Promise<WeightFiles> {
  const weightMap = await readWeightMap(join(dir, indexFileName));
  const shards = new Map<string, SafetensorsFile>();
  for (const name of [...new Set(weightMap.values())].sort()) {
    shards.set(name, await openShard(dir, name));
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, fileName] of weightMap) {
    const tensor = shards.get(fileName)!.tensors.get(name);
    if (tensor === undefined) {
      throw new UsageError(
        'SAFETENSORS_INDEX_MISSING_TENSOR',
        `${indexFileName}: tensor "${name}" should be in ${fileName}, which does not have it; download both again`,
      );
    }
    tensors.set(name, tensor);
  }
  return { tensors, files: [...shards.values()].map((shard) => shard.path) };
}

async function openShard(dir: string, name: string): Promise<SafetensorsFile> {
  // A path in an index could reach any file of the machine.
  if (name !== basename(name) || name.includes('\\') || !name.endsWith('.safetensors')) {
    throw new UsageError(
      'SAFETENSORS_INDEX_BAD_FILE',
      `${indexFileName}: ${JSON.stringify(name)} is not the plain name of a .safetensors file`,
    );
  }
  try {
    return await openSafetensors(join(dir, name));
  } catch (error) {
    if (error instanceof UsageError && error.code === 'SAFETENSORS_UNREADABLE') {
      throw new UsageError(
        'SAFETENSORS_INDEX_MISSING_FILE',
        `${indexFileName} names ${name}, but ${error.message}; download the missing file`,
      );
    }
    throw error;
  }
}

/** Tensor name -> file name. */
async function readWeightMap(path: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError('SAFETENSORS_UNREADABLE', `${path}: the index cannot be read (${code})`);
  }
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('SAFETENSORS_INDEX_NOT_JSON', `${indexFileName}: not JSON (${reason})`);
  }
  const weightMap = isJsonObject(index) ? index.weight_map : undefined;
  if (!isJsonObject(weightMap) || Object.keys(weightMap).length === 0) {
    throw new UsageError(
      'SAFETENSORS_INDEX_NO_MAP',
      `${indexFileName}: there is no "weight_map" with tensors`,
    );
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new UsageError('SAFETENSORS_DUPLICATE_NAME', `${indexFileName}: "${duplicate}" stands there twice`);
  }
  return new Map(
    Object.entries(weightMap).map(([tensor, file]) => {
      if (typeof file === 'string') return [tensor, file];
      throw new UsageError(
        'SAFETENSORS_INDEX_BAD_FILE',
        `${indexFileName}: the file of tensor "${tensor}" is not a string`,
      );
    }),
  );
}
