import { basename, join } from 'node:path';
import { counted } from '../counted.js';
import { UsageError } from '../errors.js';
import { indexFileName } from '../formats/safetensors/index.js';
import { checkStored, openDirectory } from './checkpoint.js';
import { parseModelConfig } from './config.js';
import { contextLength } from './context.js';
import { grouped, inspectTemplate, inspectTokenizer } from './inspect-tokenizer.js';
import type { Add, ModelFinding } from './model-finding.js';
import { readConversion } from './precision/conversion.js';
import type { QuantisedPrecision } from './precision/stored.js';
import { specialIds } from './special-ids.js';
import { loadTokenizer } from './tokenizer.js';
import { noTokenizerText, readJsonObject } from './tokenizer-files.js';
import type { ModelDimensions, WeightSpec } from './types.js';

/** A model folder, looked through without loading it. */
export interface ModelInspection {
  readonly dir: string;
  readonly findings: readonly ModelFinding[];
  /** Undefined where config.json is not understood. */
  readonly dimensions: ModelDimensions | undefined;
  /** What the config asks for; empty where it is not understood. */
  readonly specs: readonly WeightSpec[];
  /** Of the folder: float32 unless it was converted. */
  readonly precision: 'fp32' | QuantisedPrecision;
  readonly parameters: number;
  /** Of the needed weights, as they are stored. */
  readonly bytes: number;
}

/**
 * Looks through a model folder: config, every tensor with shape and dtype, index, tokenizer, special ids, template. What is
 * wrong is a finding, all of them at once where they do not hide each other.
 */
export async function inspectModel(dir: string): Promise<ModelInspection> {
  const findings: ModelFinding[] = [];
  const add = (part: ModelFinding['part'], state: ModelFinding['state'], text: string) =>
    findings.push({ part, state, text });
  const tried = async <T>(part: ModelFinding['part'], work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // Several parts may meet the same damaged file.
      if (!findings.some(({ text }) => text === error.message)) add(part, 'broken', error.message);
      return undefined;
    }
  };

  const folder = await tried('weights', () => openDirectory(dir));
  if (folder === undefined) return { ...nothing, dir, findings };
  const parsed = await tried('config', () => parseModelConfig(folder.config, join(dir, 'config.json')));
  if (parsed === undefined) return { ...nothing, dir, findings };
  const { weights } = parsed;
  const ids = await tried('tokens', () => specialIds(dir, parsed.dimensions));
  const dimensions = { ...parsed.dimensions, ...ids };
  add('config', 'ok', shapeText(dimensions));

  const { tensors, files } = folder.weightFiles;
  const needed = new Set(weights.map(({ name }) => name));
  const conversion = await tried('weights', () => readConversion(dir));
  const found = weights.map((spec) =>
    tried('weights', () => checkStored(spec, folder.weightFiles, conversion, basename)),
  );
  const good = (await Promise.all(found)).filter((weight) => weight !== undefined);
  const bytes = good.reduce((total, weight) => total + weight.bytes, 0);
  const parameters = good.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
  if (good.length === weights.length) {
    const dtypes = [...new Set(good.map(({ dtype }) => dtype))].join(', ');
    const where = counted(files.length, 'file');
    add(
      'weights',
      'ok',
      `${counted(good.length, 'tensor')}, ${counted(parameters, 'parameter')}, ${dtypes}, ${where}`,
    );
  }
  const others = [...tensors.keys()].filter((name) => !needed.has(name));
  if (others.length > 0)
    add('weights', 'note', `${others.length} tensors that no part of the model reads: ${some(others)}`);
  await tried('index', () =>
    checkIndex(
      dir,
      [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0),
      add,
    ),
  );
  const tokenizer = await tried('tokenizer', () => loadTokenizer(dir));
  if (tokenizer !== undefined) {
    inspectTokenizer(tokenizer, dimensions, add);
    await tried('template', () => inspectTemplate(dir, tokenizer, add));
  }
  if (tokenizer === undefined && !findings.some(({ part }) => part === 'tokenizer')) {
    add(
      'tokenizer',
      'note',
      `${await noTokenizerText(dir)}: "repro generate --prompt-ids" works, benchmarks do not`,
    );
  }
  const precision = conversion?.precision ?? 'fp32';
  return { dir, findings, dimensions, specs: weights, precision, parameters, bytes };
}

const nothing = { dimensions: undefined, specs: [], precision: 'fp32', parameters: 0, bytes: 0 } as const;

async function checkIndex(dir: string, tensorBytes: number, add: Add): Promise<void> {
  const index = await readJsonObject(join(dir, indexFileName));
  if (index === undefined) return;
  const { total_size: stated } = (index.metadata ?? {}) as { total_size?: unknown };
  if (stated === undefined || stated === tensorBytes)
    add('index', 'ok', `names ${grouped(tensorBytes)} bytes`);
  else add('index', 'note', `states ${stated} bytes, the tensors have ${tensorBytes}`);
}

function shapeText(d: ModelDimensions): string {
  const heads = d.kvHeads === d.heads ? `${d.heads} heads` : `${d.heads} heads on ${d.kvHeads} of keys`;
  return (
    `${d.family === 'llada' ? 'LLaDA' : 'Dream'}: ${counted(d.layers, 'layer')} of ${d.dModel}, ${heads}, FFN ${d.ffnDim}, ` +
    `vocabulary ${d.vocabSize}, canvas up to ${contextLength(d)}${contextLength(d) < d.maxSequenceLength ? ` (as its authors state; config.json has ${d.maxSequenceLength})` : ''}`
  );
}

function some(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
