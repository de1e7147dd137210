import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { makeFolders, writeWhole } from '../formats/files.js';
import { isPartial, removeLeftOvers } from '../formats/partials.js';
import { indexFileName } from '../formats/safetensors/index.js';
import { streamSafetensors, tensorBytes } from '../formats/safetensors/stream.js';
import { encodeHeader } from '../formats/safetensors/write.js';
import type { WeightDtype } from './checkpoint.js';
import { parseModelConfig } from './config.js';
import type { PublishedModel } from './published.js';
import { randomTokenizerFiles, shiftedTokens } from './random-tokenizer.js';
import { type RandomWeight, randomPieces, randomWeight } from './random-weights.js';
import type { ModelDimensions } from './types.js';

export interface RandomPublishedOptions {
  readonly like: PublishedModel;
  /** Default: all of the published model. */
  readonly layers?: number | undefined;
  /** Width of embedding and head; special tokens move to its end where it is another than the published one. */
  readonly vocab?: number | undefined;
  /** Default BF16, as published. */
  readonly dtype?: WeightDtype | undefined;
  readonly seed: string;
}

/** A checkpoint that is to be written. */
export interface RandomPlan {
  readonly dimensions: ModelDimensions;
  readonly parameters: number;
  /** Of all tensors. */
  readonly bytes: number;
  readonly seed: string;
  readonly shards: readonly {
    readonly name: string;
    readonly tensors: readonly RandomWeight[];
    readonly bytes: number;
  }[];
  /** Texts of the small files, by name; config.json is written last. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Plans a checkpoint of a published model's layout with random weights: its config keys, tensor names, shapes, shards
 * and index, and a small tokenizer with its special tokens.
 *
 * @throws UsageError for sizes that no such model has
 */
export function planRandom(options: RandomPublishedOptions): RandomPlan {
  const { like, layers, vocab, dtype = 'BF16', seed } = options;
  const tokens = shiftedTokens(like, vocab);
  const config = { ...like.config, ...sizes(like, layers, vocab), ...tokens.configIds };
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const { dimensions, weights } = parseModelConfig(text);
  const tensors = weights.map((spec) => randomWeight(spec, dimensions, dtype));
  const groups = intoShards(tensors, like.shardBytes);
  const shards = groups.map((group, i) => ({
    name: shardName(i + 1, groups.length),
    tensors: group,
    bytes: sum(group.map(tensorBytes)),
  }));
  const bytes = sum(shards.map((shard) => shard.bytes));
  const weightMap = Object.fromEntries(
    shards.flatMap(({ name, tensors }) => tensors.map((tensor) => [tensor.name, name])),
  );
  const index = { metadata: { total_size: bytes }, weight_map: weightMap };
  return {
    dimensions,
    parameters: sum(tensors.map(({ shape }) => shape.reduce((a, b) => a * b, 1))),
    bytes,
    seed,
    shards,
    texts: new Map([
      ...randomTokenizerFiles(like, tokens),
      [indexFileName, `${JSON.stringify(index, null, 2)}\n`],
      ['config.json', text],
    ]),
  };
}

export interface RandomProgress {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of tensors that are on the disk, of `plan.bytes`. */
  readonly onBytes?: (done: number) => void;
}

/**
 * Writes a planned checkpoint in bounded memory. Shards that are there whole stay, so that an interrupted call goes on
 * where it was, and the same call gives the same bytes; config.json comes last and makes the folder a checkpoint.
 *
 * @throws UsageError for a folder that holds something else; the signal's reason
 */
export async function writeRandom(
  dir: string,
  plan: RandomPlan,
  progress: RandomProgress = {},
): Promise<void> {
  const { signal, onBytes } = progress;
  await makeFolders(dir).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('OUT_NOT_WRITABLE', `cannot create ${dir} (${error.code}); name another folder.`);
  });
  await refuseOthers(dir, plan);
  let done = 0;
  for (const { name, tensors, bytes } of plan.shards) {
    const metadata = { format: 'pt', made: 'repro models random 2', seed: plan.seed };
    const path = join(dir, name);
    if (!(await isWhole(path, encodeHeader(tensors, metadata), bytes))) {
      const before = done;
      let written = 0;
      await streamSafetensors(path, tensors, (tensor) => randomPieces(tensor as RandomWeight, plan.seed), {
        ...{ metadata, signal },
        onBytes: (more) => {
          written += more;
          onBytes?.(before + written);
        },
      });
    }
    done += bytes;
    onBytes?.(done);
  }
  for (const [name, text] of plan.texts) await writeWhole(join(dir, name), text);
}

/** A shard of this plan: its header says what was drawn, and from which seed. */
async function isWhole(path: string, header: Uint8Array, dataBytes: number): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info?.size !== header.length + dataBytes) return false;
  const { openSafetensors } = await import('../formats/safetensors/file.js');
  const { metadata, tensors } = await openSafetensors(path);
  const bytes = encodeHeader([...tensors.values()], Object.fromEntries(metadata));
  return Buffer.from(bytes).equals(Buffer.from(header));
}

/** Only files of this plan may be there; what a process that is gone has left behind is removed. */
async function refuseOthers(dir: string, { shards, texts }: RandomPlan): Promise<void> {
  const known = new Set([...shards.map(({ name }) => name), ...texts.keys()]);
  await removeLeftOvers(dir);
  const other = (await readdir(dir)).find((name) => !known.has(name) && !isPartial(name));
  if (other !== undefined) {
    throw new UsageError('OUT_EXISTS', `${dir} holds something else (${other}); name a new folder.`);
  }
  const config = await readFile(join(dir, 'config.json'), 'utf8').catch(() => undefined);
  if (config !== undefined && config !== texts.get('config.json')) {
    throw new UsageError('OUT_EXISTS', `${dir} holds a checkpoint of other sizes; name a new folder.`);
  }
}

/** Keys of the config that follow from sizes other than the published ones. */
function sizes(
  { family }: PublishedModel,
  layers: number | undefined,
  vocab: number | undefined,
): Record<string, number> {
  const isLlada = family === 'llada';
  const layerKeys = isLlada ? ['n_layers'] : ['num_hidden_layers', 'max_window_layers'];
  const vocabKeys = isLlada ? ['vocab_size', 'embedding_size'] : ['vocab_size'];
  return {
    ...(layers === undefined ? {} : Object.fromEntries(layerKeys.map((key) => [key, layers]))),
    ...(vocab === undefined ? {} : Object.fromEntries(vocabKeys.map((key) => [key, vocab]))),
  };
}

/** In their order, as many to a shard as fit; a tensor is never divided. */
function intoShards(tensors: readonly RandomWeight[], shardBytes: number): RandomWeight[][] {
  const shards: RandomWeight[][] = [];
  let left = 0;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    if (bytes > left) {
      shards.push([]);
      left = shardBytes;
    }
    shards.at(-1)!.push(tensor);
    left -= bytes;
  }
  return shards;
}

function shardName(index: number, of: number): string {
  const digits = (n: number) => String(n).padStart(5, '0');
  return `model-${digits(index)}-of-${digits(of)}.safetensors`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
