import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byteSize } from '../../counted.js';
import { UsageError } from '../../errors.js';
import { exists, freeBytes } from '../../formats/files.js';
import { ownPartial, removeLeftOvers } from '../../formats/partials.js';
import { toFloat32 } from '../../formats/safetensors/dtypes.js';
import { readTensorRange } from '../../formats/safetensors/file.js';
import { indexFileName } from '../../formats/safetensors/index.js';
import { streamSafetensors, tensorBytes } from '../../formats/safetensors/stream.js';
import type { TensorInfo } from '../../formats/safetensors/write.js';
import { hasSizes, makePartial, putInPlace, sizesOf } from '../cached-folders.js';
import { type Checkpoint, type CheckpointWeight, checkpointSha256, openCheckpoint } from '../checkpoint.js';
import type { WeightSpec } from '../types.js';
import { type Conversion, conversionFileName, conversionVersion, readConversion } from './conversion.js';
import { quantiseInt4, quantiseInt8 } from './quantise.js';
import {
  GROUP_SIZE,
  linearRoles,
  type QuantisedPrecision,
  quantisedNames,
  quantisedShapes,
} from './stored.js';

export interface ConvertOptions {
  readonly precision: QuantisedPrecision;
  readonly source: Conversion['source'];
  /** Folder of converted checkpoints. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (done: number, total: number) => void;
  /** Bytes that may still be written into a folder. */
  readonly freeBytes?: (dir: string) => Promise<number>;
}

/**
 * A checkpoint in another precision, from the cache folder or made now: linear layers quantised, the rest as it is. Read and
 * written as a stream; memory holds one weight in int8. The folder is named after the content and appears when it is
 * whole, so that an interruption leaves nothing that counts, and two at once make the same.
 *
 * @returns the folder
 * @throws UsageError for a width that does not divide into groups, `DISK_SMALL`; the signal's reason
 */
export async function convertCheckpoint(dir: string, options: ConvertOptions): Promise<string> {
  const { precision, cacheDir, source } = options;
  const checkpoint = await openCheckpoint(dir);
  const sourceSha256 = await checkpointSha256(checkpoint);
  const target = join(
    cacheDir,
    `${source.id}-${precision}-${sourceSha256.slice(0, 16)}-v${conversionVersion}`,
  );
  await removeLeftOvers(cacheDir);
  if (await isWhole(target)) return target;
  const partial = ownPartial(target);
  await makePartial('converted models', cacheDir, partial);
  try {
    await writeWeights(partial, checkpoint, options);
    for (const { name } of checkpoint.files) {
      if (isText(name)) await copyFile(join(dir, name), join(partial, name));
    }
    const conversion: Conversion = {
      ...{ version: conversionVersion, precision, sourceSha256, source },
      groupSize: precision === 'int4' ? GROUP_SIZE : null,
      files: await sizesOf(partial),
    };
    await writeFile(join(partial, conversionFileName), `${JSON.stringify(conversion, null, 2)}\n`);
    await putInPlace(partial, target, isWhole);
    return target;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Whether a converted folder has every file in its length; contents are not read. */
async function isWhole(dir: string): Promise<boolean> {
  if (!(await exists(join(dir, conversionFileName)))) return false;
  try {
    const { files } = (await readConversion(dir))!;
    return await hasSizes(dir, files);
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function isText(name: string): boolean {
  return !name.endsWith('.safetensors') && name !== indexFileName;
}

/** A tensor to write, and how its bytes are made. */
interface Made extends TensorInfo {
  pieces(): AsyncIterable<Uint8Array>;
}

/** One file a layer, and one for the rest: so no file grows with the model. */
async function writeWeights(
  dir: string,
  checkpoint: Checkpoint,
  { precision, cacheDir, signal, onBytes, freeBytes: freeIn = freeBytes }: ConvertOptions,
): Promise<void> {
  const files = new Map<string, Made[]>();
  for (const spec of checkpoint.specs) {
    const file =
      spec.layer === undefined ? 'model-other.safetensors' : `model-layer-${spec.layer}.safetensors`;
    files.set(file, [...(files.get(file) ?? []), ...converted(checkpoint, spec, precision)]);
  }
  const total = [...files.values()].flat().reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const free = await freeIn(cacheDir);
  if (free < total) {
    throw new UsageError(
      'DISK_SMALL',
      `${checkpoint.dir} in ${precision} takes ${byteSize(total)} of disk, and ${cacheDir} has ${byteSize(free)} free; ` +
        'make room, or set REPRO_CACHE to a folder on a larger disk.',
    );
  }
  let done = 0;
  for (const [name, tensors] of files) {
    await streamSafetensors(join(dir, name), tensors, (tensor) => (tensor as Made).pieces(), {
      ...{ metadata: { format: 'pt' }, signal },
      onBytes: (bytes) => {
        done += bytes;
        onBytes?.(done, total);
      },
    });
  }
  const weightMap = [...files].flatMap(([file, tensors]) => tensors.map(({ name }) => [name, file] as const));
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(weightMap) };
  await writeFile(join(dir, indexFileName), `${JSON.stringify(index, null, 2)}\n`);
}

function converted(checkpoint: Checkpoint, spec: WeightSpec, precision: QuantisedPrecision): Made[] {
  const { name } = spec;
  const weight = checkpoint.weight(spec.role, spec.layer);
  const range = { ...weight, file: join(checkpoint.weightsDir, weight.file), name };
  if (!linearRoles.includes(spec.role)) {
    const { dtype, shape } = weight;
    return [{ name, dtype, shape, pieces: () => bytesOf(range) }];
  }
  const [out, inner] = spec.shape as [number, number];
  if (inner % GROUP_SIZE !== 0) {
    throw new UsageError(
      'MODEL_WIDTH',
      `${name} has ${inner} inputs, which do not divide into groups of ${GROUP_SIZE}; this model has no ${precision}.`,
    );
  }
  const names = quantisedNames(name, precision);
  const shapes = quantisedShapes([out, inner], precision);
  // Scales come out together with the values, which are written first.
  let scales: readonly Float32Array[] = [];
  async function* values() {
    const found: Float32Array[] = [];
    if (precision === 'int8') {
      const all = new Int8Array(out * inner);
      let first = 0;
      for await (const rows of rowsOf(range, inner)) {
        found.push(quantiseInt8(rows, inner, all, { first, outputs: out }));
        first += rows.length / inner;
      }
      yield* slices(new Uint8Array(all.buffer));
    } else {
      for await (const rows of rowsOf(range, inner)) {
        const group = quantiseInt4(rows);
        found.push(group.scales);
        yield group.values;
      }
    }
    scales = found;
  }
  async function* scaleBytes() {
    for (const part of scales) yield new Uint8Array(part.buffer);
  }
  return [
    { name: names.values, dtype: precision === 'int8' ? 'I8' : 'U8', shape: shapes.values, pieces: values },
    { name: names.scales, dtype: 'F32', shape: shapes.scales, pieces: scaleBytes },
  ];
}

/** Rows read at a time: enough for the disk, few for the memory. */
const ROWS = 64;

async function* rowsOf(
  weight: CheckpointWeight & { name: string },
  inner: number,
): AsyncGenerator<Float32Array> {
  const rowBytes = weight.bytes / (weight.shape[0] ?? 1);
  for (let at = 0; at < weight.bytes; at += ROWS * rowBytes) {
    const bytes = await readTensorRange(weight, at, Math.min(ROWS * rowBytes, weight.bytes - at));
    const rows = toFloat32(weight.dtype, bytes);
    if (rows.length % inner !== 0) throw new RangeError(`"${weight.name}" ends inside of a row`);
    yield rows;
  }
}

const PIECE_BYTES = 1 << 24;

async function* bytesOf(weight: CheckpointWeight & { name: string }): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < weight.bytes; at += PIECE_BYTES) {
    yield await readTensorRange(weight, at, Math.min(PIECE_BYTES, weight.bytes - at));
  }
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
