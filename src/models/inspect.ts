import { basename, join } from 'node:path';
import { counted } from '../counted.js';
import { UsageError } from '../errors.js';
import { indexFileName } from '../formats/safetensors/index.js';
import { loadChatTemplate } from './chat.js';
import { checkStored, openDirectory } from './checkpoint.js';
import { parseModelConfig } from './config.js';
import { contextLength } from './context.js';
import { readConversion } from './precision/conversion.js';
import type { QuantisedPrecision } from './precision/stored.js';
import { specialIds } from './special-ids.js';
import { loadTokenizer, readJsonObject, type Tokenizer } from './tokenizer.js';
import type { ModelDimensions, WeightSpec } from './types.js';

/** What was found about one part of a model folder. `broken` = it cannot be run so; `note` = it can. */
export interface ModelFinding {
  readonly part: 'config' | 'weights' | 'index' | 'tokenizer' | 'tokens' | 'template';
  readonly state: 'ok' | 'note' | 'broken';
  readonly text: string;
}

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
      add(part, 'broken', error.message);
      return undefined;
    }
  };

  const folder = await tried('weights', () => openDirectory(dir));
  if (folder === undefined) return { ...nothing, dir, findings };
  const parsed = await tried('config', () => parseModelConfig(folder.config, join(dir, 'config.json')));
  if (parsed === undefined) return { ...nothing, dir, findings };
  const { weights } = parsed;
  const dimensions = { ...parsed.dimensions, ...(await specialIds(dir, parsed.dimensions)) };
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
  if (tokenizer !== undefined) await checkTokenizer(dir, tokenizer, dimensions, add, tried);
  else if (!findings.some(({ part }) => part === 'tokenizer')) {
    add(
      'tokenizer',
      'note',
      'there is no tokenizer.json: "repro generate --prompt-ids" works, benchmarks do not',
    );
  }
  const precision = conversion?.precision ?? 'fp32';
  return { dir, findings, dimensions, specs: weights, precision, parameters, bytes };
}

const nothing = { dimensions: undefined, specs: [], precision: 'fp32', parameters: 0, bytes: 0 } as const;

type Add = (part: ModelFinding['part'], state: ModelFinding['state'], text: string) => void;
type Tried = <T>(part: ModelFinding['part'], work: () => Promise<T> | T) => Promise<T | undefined>;

async function checkIndex(dir: string, tensorBytes: number, add: Add): Promise<void> {
  const index = await readJsonObject(join(dir, indexFileName));
  if (index === undefined) return;
  const { total_size: stated } = (index.metadata ?? {}) as { total_size?: unknown };
  if (stated === undefined || stated === tensorBytes) add('index', 'ok', `names ${group(tensorBytes)} bytes`);
  else add('index', 'note', `states ${stated} bytes, the tensors have ${tensorBytes}`);
}

async function checkTokenizer(
  dir: string,
  tokenizer: Tokenizer,
  { vocabSize, maskId, eosId, eotId }: ModelDimensions,
  add: Add,
  tried: Tried,
): Promise<void> {
  const beyond = tokenizer.ids().filter((id) => id >= vocabSize);
  const size = `${group(tokenizer.ids().length)} of the ${group(vocabSize)} ids have a text`;
  if (beyond.length > 0) {
    add(
      'tokenizer',
      'note',
      `${beyond.length} tokens have ids beyond the model's ${vocabSize}: prompts with them are refused`,
    );
  } else add('tokenizer', 'ok', size);
  const nameOf = (id: number) => tokenizer.token(id);
  const named = [
    `mask ${maskId} ${nameOf(maskId) ?? '(no token)'}`,
    `end of text ${eosId} ${nameOf(eosId) ?? '(no token)'}`,
  ];
  const { eos_token: eos } = tokenizer.config as { eos_token?: unknown };
  const stated = typeof eos === 'string' ? tokenizer.id(eos) : undefined;
  if (nameOf(eosId) === undefined) {
    add(
      'tokens',
      'broken',
      `"eos_token_id" of config.json is ${eosId}, which the tokenizer does not have; the two are of different models`,
    );
  } else if (stated !== undefined && stated !== eosId) {
    add(
      'tokens',
      'note',
      `config.json ends texts with ${eosId} ${nameOf(eosId)}, the tokenizer with ${stated} ${eos}; config.json counts`,
    );
  } else {
    add(
      'tokens',
      'ok',
      [...named, ...(eotId === undefined ? [] : [`end of turn ${eotId} ${nameOf(eotId)}`])].join(', '),
    );
  }
  const template = await tried('template', async () => (await loadChatTemplate(dir, tokenizer)) ?? null);
  if (template === null) add('template', 'note', 'none: prompts go in as they are, as for a base model');
  if (template === null || template === undefined) return;
  const text = await tried('template', () => template.render([{ role: 'user', content: 'x' }]));
  if (text !== undefined) add('template', 'ok', `${JSON.stringify(text)} for the message "x"`);
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

/** Digits in groups of three. */
function group(n: number): string {
  return n.toLocaleString('en-US');
}
