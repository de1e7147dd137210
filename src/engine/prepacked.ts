import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { byteSize } from '../counted.js';
import { UsageError } from '../errors.js';
import { exists, freeBytes } from '../formats/files.js';
import { ownPartial, removeLeftOvers } from '../formats/partials.js';
import { cpuName, onnxruntimeVersion } from '../measure/environment.js';
import { hasSizes, makePartial, putInPlace, sizesOf } from '../models/cached-folders.js';

/** What a checkpoint's packed weights are kept under. */
export interface PrepackedOptions {
  /** Folder of all of them. */
  readonly dir: string;
  /** Digest over all files of the checkpoint. */
  readonly checkpointSha256: string;
  /** About what one graph takes on disk, and in memory while it is packed. */
  readonly expectedBytes: number;
}

/** Session entries and the file that make onnxruntime write a model with packed weights. */
export interface PackedTarget {
  readonly modelPath: string;
  readonly entries: Readonly<Record<string, string>>;
}

const modelName = 'model.onnx';
const weightsName = 'weights.bin';
/** Written last: a folder without it is not whole. */
const factsName = 'prepacked.json';

const factsSchema = z.object({ files: z.record(z.string(), z.int().nonnegative()) });

/** Whether the environment asks for packed weights on disk, by REPRO_PREPACKED=1. @throws UsageError `PREPACKED` */
export function wantsPrepacked(environment: NodeJS.ProcessEnv = process.env): boolean {
  const { REPRO_PREPACKED = '' } = environment;
  if (REPRO_PREPACKED === '' || REPRO_PREPACKED === '0') return false;
  if (REPRO_PREPACKED === '1') return true;
  throw new UsageError(
    'PREPACKED',
    `REPRO_PREPACKED is ${REPRO_PREPACKED}; set it to 1 to keep packed weights on disk, or leave it out.`,
  );
}

/**
 * The path of a graph whose weights are packed for this processor, made if it is not there: original and packed weights in a
 * file that sessions map, so that they start without packing and take next to no memory of their own. It holds for one
 * checkpoint, graph, onnxruntime and processor, after which the folder is named; it appears when it is whole.
 *
 * @param model Bytes of the graph.
 * @param pack Makes a session that writes the target, and ends it.
 * @param say Gets a line before and after packing.
 * @throws UsageError `PREPACKED_ROOM`, `CACHE_NOT_WRITABLE`; what `pack` throws
 */
export async function prepackedModel(
  model: Uint8Array,
  options: PrepackedOptions,
  pack: (target: PackedTarget) => Promise<void>,
  say: (line: string) => void,
): Promise<string> {
  const folder = join(options.dir, await keyOf(model, options));
  if (!(await isWhole(folder))) await make(folder, options, pack, say);
  return join(folder, modelName);
}

/** Removes a graph that onnxruntime does not load, so that it is made anew. */
export async function discardPrepacked(modelPath: string): Promise<void> {
  await rm(dirname(modelPath), { recursive: true, force: true });
}

async function keyOf(model: Uint8Array, { checkpointSha256 }: PrepackedOptions): Promise<string> {
  const hash = createHash('sha256');
  // Packing depends on what the processor can do.
  hash.update([checkpointSha256, await onnxruntimeVersion(), process.arch, cpuName(), ''].join('\n'));
  return hash.update(model).digest('hex').slice(0, 32);
}

async function make(
  folder: string,
  { dir, expectedBytes }: PrepackedOptions,
  pack: (target: PackedTarget) => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  const partial = ownPartial(folder);
  await removeLeftOvers(dir);
  await makePartial('packed weights', dir, partial);
  try {
    await refuseFull(dir, expectedBytes);
    say(`packing the weights of a graph once, about ${byteSize(expectedBytes)} in ${dir}`);
    await pack({
      modelPath: join(partial, modelName),
      entries: {
        save_external_prepacked_constant_initializers: '1',
        optimized_model_external_initializers_file_name: weightsName,
      },
    });
    const files = await sizesOf(partial);
    await writeFile(join(partial, factsName), `${JSON.stringify({ files })}\n`);
    await putInPlace(partial, folder, isWhole);
    const bytes = Object.values(files).reduce((sum, size) => sum + size, 0);
    say(`packed: ${byteSize(bytes)}; delete ${folder} when it is not wanted`);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** @throws UsageError `PREPACKED_ROOM` where disk or memory would run out */
async function refuseFull(dir: string, expectedBytes: number): Promise<void> {
  const free = {
    disk: await freeBytes(dir),
    memory: process.availableMemory?.() ?? Number.POSITIVE_INFINITY,
  };
  for (const [what, bytes] of Object.entries(free)) {
    if (bytes >= expectedBytes) continue;
    throw new UsageError(
      'PREPACKED_ROOM',
      `packing the weights takes about ${byteSize(expectedBytes)} of ${what}, and ${byteSize(bytes)} are free` +
        `${what === 'disk' ? ` for ${dir}` : ''}; leave REPRO_PREPACKED out.`,
    );
  }
}

async function isWhole(folder: string): Promise<boolean> {
  if (!(await exists(join(folder, factsName)))) return false;
  try {
    const { files } = factsSchema.parse(JSON.parse(await readFile(join(folder, factsName), 'utf8')));
    return await hasSizes(folder, files);
  } catch {
    return false;
  }
}
