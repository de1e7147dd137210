import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { UsageError } from '../errors.js';
import type { StoredTensor } from '../formats/safetensors/file.js';
import {
  indexFileName,
  openSharded,
  openSingleFile,
  singleFileName,
  type WeightFiles,
} from '../formats/safetensors/index.js';
import { parseModelConfig } from './config.js';
import { type Conversion, conversionFileName, readConversion } from './precision/conversion.js';
import { linearRoles, type QuantisedPrecision, quantisedNames, quantisedShapes } from './precision/stored.js';
import { specialIds } from './special-ids.js';
import { tokenizerFileNames } from './tokenizer-files.js';
import type { ModelDimensions, WeightRole, WeightSpec } from './types.js';

/** Weight types that onnxruntime can be handed straight from the file. */
const weightDtypes = ['F32', 'F16', 'BF16'] as const;
export type WeightDtype = (typeof weightDtypes)[number];

/** Where one weight lies. */
export interface CheckpointWeight {
  /** Where it was converted: its values and scales, in place of the rest, which stays that of the values. */
  readonly quantised?: QuantisedWeight;
  /** File, relative to `weightsDir` of the checkpoint, with `/`. */
  readonly file: string;
  readonly dtype: WeightDtype;
  readonly shape: readonly number[];
  /** First byte, from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** A linear weight in another precision; layouts as `quantisedShapes` says. */
export interface QuantisedWeight {
  readonly precision: QuantisedPrecision;
  readonly values: QuantisedPart;
  readonly scales: QuantisedPart;
}

/** One of the tensors that a converted weight consists of; fields as of `CheckpointWeight`. */
export interface QuantisedPart {
  readonly name: string;
  readonly file: string;
  readonly dtype: 'I8' | 'U8' | 'F32';
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}

/** A file that belongs to the checkpoint, for manifests. */
export interface CheckpointFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex digest of the content; computed on the first call. */
  sha256(): Promise<string>;
}

export interface Checkpoint {
  readonly dir: string;
  /**
   * Folder that really holds the weights: `dir`, or where its links lead. The hub's cache links to files beside it, and
   * onnxruntime takes no file outside of the folder that it is told.
   */
  readonly weightsDir: string;
  readonly dimensions: ModelDimensions;
  /** What it was converted from; undefined for one as published. */
  readonly conversion: Conversion | undefined;
  /** What the model needs, in the order of the family. */
  readonly specs: readonly WeightSpec[];
  /** The tensors that the model needs, by name in the checkpoint. */
  readonly weights: ReadonlyMap<string, CheckpointWeight>;
  /** The tensor with a role; `layer` as in `WeightSpec`. */
  weight(role: WeightRole, layer?: number): { readonly name: string } & CheckpointWeight;
  /** Config, weights, index and tokenizer, sorted by name. */
  readonly files: readonly CheckpointFile[];
  /** Bytes of the needed weights. */
  readonly totalBytes: number;
}

/**
 * Opens a model directory in the Hugging Face layout: reads config.json and the headers of the weight files,
 * and checks that every needed tensor is there in the right shape. No weight is read.
 *
 * @throws UsageError in one sentence about the first thing that is missing or wrong.
 */
export async function openCheckpoint(dir: string): Promise<Checkpoint> {
  const { config, weightFiles, weightFileNames } = await openDirectory(dir);
  const parsed = parseModelConfig(config, join(dir, 'config.json'));
  const dimensions = { ...parsed.dimensions, ...(await specialIds(dir, parsed.dimensions)) };
  const weights = new Map<string, CheckpointWeight>();
  const byRole = new Map<string, { readonly name: string } & CheckpointWeight>();
  const place = await realFiles(weightFiles.files);
  const conversion = await readConversion(dir);
  for (const spec of parsed.weights) {
    const weight = checkStored(spec, weightFiles, conversion, (path) => place.names.get(path)!);
    weights.set(spec.name, weight);
    byRole.set(roleKey(spec.role, spec.layer), { name: spec.name, ...weight });
  }
  return {
    dir,
    weightsDir: place.dir,
    conversion,
    specs: parsed.weights,
    dimensions,
    weights,
    weight: (role, layer) => {
      const weight = byRole.get(roleKey(role, layer));
      if (weight === undefined) throw new RangeError(`no weight ${roleKey(role, layer)}`);
      return weight;
    },
    files: await listFiles(dir, [
      'config.json',
      conversionFileName,
      ...weightFileNames,
      ...tokenizerFileNames,
    ]),
    totalBytes: [...weights.values()].reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The files behind links: the innermost folder that holds all of them, and their names in it by path. */
async function realFiles(
  paths: readonly string[],
): Promise<{ readonly dir: string; readonly names: ReadonlyMap<string, string> }> {
  const real = new Map<string, string>();
  for (const path of paths) real.set(path, await realpath(path));
  let dir = dirname([...real.values()][0]!);
  const isInside = (path: string) =>
    !relative(dir, path).startsWith('..') && !isAbsolute(relative(dir, path));
  while (![...real.values()].every(isInside)) dir = dirname(dir);
  const names = [...real].map(([path, to]) => [path, relative(dir, to).split(sep).join('/')] as const);
  return { dir, names: new Map(names) };
}

/** One digest for all files of a checkpoint: sha256 over the lines `<sha256>  <name>`, sorted by name. */
export async function checkpointSha256(checkpoint: Checkpoint): Promise<string> {
  const hash = createHash('sha256');
  for (const file of checkpoint.files) hash.update(`${await file.sha256()}  ${file.name}\n`);
  return hash.digest('hex');
}

function roleKey(role: WeightRole, layer?: number): string {
  return layer === undefined ? role : `${role}.${layer}`;
}

/** A model folder as it lies there, before anything is checked against its config. */
export interface ModelDirectory {
  /** Text of config.json. */
  readonly config: string;
  readonly weightFiles: WeightFiles;
  readonly weightFileNames: readonly string[];
}

/** @throws UsageError if config or weights are missing or damaged */
export async function openDirectory(dir: string): Promise<ModelDirectory> {
  const needs =
    `a model directory holds config.json and ${singleFileName} (or ${indexFileName} with its shards); ` +
    'give the path of one, or "--model reference" for the embedded model';
  const info = await stat(dir).catch(() => undefined);
  if (info === undefined) throw new UsageError('MODEL_NOT_FOUND', `no model directory ${dir}: ${needs}`);
  if (!info.isDirectory()) throw new UsageError('MODEL_NOT_FOUND', `${dir} is not a directory: ${needs}`);
  const config = await readFile(join(dir, 'config.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'there is no config.json' : `config.json: ${error.code}`;
    throw new UsageError('MODEL_INCOMPLETE', `${dir}: ${problem}: ${needs}`);
  });
  const exists = async (name: string): Promise<boolean> =>
    (await stat(join(dir, name)).catch(() => undefined)) !== undefined;
  if (await exists(singleFileName)) {
    const weightFiles = await openSingleFile(join(dir, singleFileName));
    return { config, weightFiles, weightFileNames: [singleFileName] };
  }
  if (await exists(indexFileName)) {
    const weightFiles = await openSharded(dir);
    const shards = weightFiles.files.map((path) => basename(path));
    return { config, weightFiles, weightFileNames: [indexFileName, ...shards] };
  }
  throw new UsageError('MODEL_INCOMPLETE', `${dir}: there are no weights: ${needs}`);
}

/**
 * A needed weight as it is stored, converted or not.
 *
 * @param nameOf Name of a file by its path.
 * @throws UsageError as `checkWeight`
 */
export function checkStored(
  spec: WeightSpec,
  { tensors, files }: WeightFiles,
  conversion: Conversion | undefined,
  nameOf: (path: string) => string,
): CheckpointWeight {
  const dir = dirname(files[0]!);
  if (conversion === undefined || !linearRoles.includes(spec.role)) {
    const stored = checkWeight(spec, tensors.get(spec.name), dir);
    return { ...stored, file: nameOf(stored.file) };
  }
  const { precision } = conversion;
  const names = quantisedNames(spec.name, precision);
  const shapes = quantisedShapes(spec.shape as [number, number], precision);
  const part = (name: string, shape: readonly number[], dtype: QuantisedPart['dtype']): QuantisedPart => {
    const { file, offset, bytes } = checkTensor({ name, shape }, tensors.get(name), dir, [dtype]);
    return { name, file: nameOf(file), dtype, shape, offset, bytes };
  };
  const values = part(names.values, shapes.values, precision === 'int8' ? 'I8' : 'U8');
  const scales = part(names.scales, shapes.scales, 'F32');
  const { file, offset } = values;
  // The range is that of the values; nobody reads them as such.
  return {
    ...{ file, offset, dtype: 'F32', shape: spec.shape, bytes: values.bytes + scales.bytes },
    quantised: { precision, values, scales },
  };
}

/**
 * Where a needed tensor lies; `file` is the path.
 * @throws UsageError if the tensor is missing, or its shape or dtype is another
 */
export function checkWeight(
  spec: WeightSpec,
  tensor: StoredTensor | undefined,
  dir: string,
): CheckpointWeight {
  return checkTensor(spec, tensor, dir, weightDtypes);
}

function checkTensor<D extends string>(
  spec: Pick<WeightSpec, 'name' | 'shape'>,
  tensor: StoredTensor | undefined,
  dir: string,
  dtypes: readonly D[],
) {
  const { name } = spec;
  if (tensor === undefined) {
    throw new UsageError(
      'MODEL_MISSING_TENSOR',
      `${dir}: the weights lack tensor "${name}", which config.json asks for; the download is incomplete or of another model`,
    );
  }
  const where = `${tensor.file}: tensor "${name}"`;
  const { shape, offset, bytes } = tensor;
  if (shape.length !== spec.shape.length || shape.some((dim, i) => dim !== spec.shape[i])) {
    throw new UsageError(
      'MODEL_WRONG_SHAPE',
      `${where} has shape [${shape.join(', ')}], but config.json asks for [${spec.shape.join(', ')}]`,
    );
  }
  const dtype = dtypes.find((known) => known === tensor.dtype);
  if (dtype === undefined) {
    throw new UsageError(
      'MODEL_WRONG_DTYPE',
      `${where} has dtype ${tensor.dtype}; supported are ${dtypes.join(', ')}`,
    );
  }
  return { file: tensor.file, dtype, shape, offset, bytes };
}

async function listFiles(dir: string, names: readonly string[]): Promise<CheckpointFile[]> {
  const files = await Promise.all(
    names.map(async (name): Promise<CheckpointFile | undefined> => {
      const info = await stat(join(dir, name)).catch(() => undefined);
      if (info === undefined) return undefined;
      let digest: Promise<string> | undefined;
      return {
        name,
        bytes: info.size,
        sha256: () => {
          digest ??= fileSha256(join(dir, name));
          return digest;
        },
      };
    }),
  );
  return files.filter((file) => file !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
