import { loadMethod } from '../../src/config/method.js';
import { resolveModel } from '../../src/config/model.js';
import type { MethodOptions } from '../../src/decoding/method.js';
import { type Generation, generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { UsageError } from '../../src/errors.js';
import { promptIds } from '../../src/experiments/loaded-model.js';
import { benchPrompt } from '../../src/experiments/passes/bench-prompt.js';
import { openPromptModel } from '../../src/experiments/prompt-model.js';
import { type Checkpoint, openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { findTask } from '../../src/tasks/library.js';
import { selectSamples } from '../../src/tasks/select.js';

/** A model, what it is given, and what is to be reached on it. */
export interface PeerCase {
  readonly checkpoint: Checkpoint;
  readonly prompts: readonly (readonly number[])[];
  readonly generation: Generation;
  /** How often every prompt is decoded on both sides. */
  readonly rounds: number;
  /** Least passes of a sample that is cut short and composed; undefined = whole samples. */
  readonly passes: number | undefined;
  /** Passes of the sample that is not counted; null = whole. */
  readonly warmUpPasses: number | null;
  /** Ours / PyTorch by method; missing = none was set. */
  readonly goals: Readonly<Record<string, number>>;
}

export const peerModels = ['reference', '100m'] as const;
export type PeerModel = (typeof peerModels)[number];

/** Methods of `repro` whose PyTorch side exists, in the order of the table. */
export const peerMethods = [
  'vanilla',
  'fast-dllm-parallel',
  'dllm-cache',
  'fast-dllm-dual-parallel',
  'dynamic-dllm-released',
  'dynamic-dllm-released-pd',
  'dynamic-dllm',
  'dynamic-dllm-apd',
] as const;

const fewMethods = [
  'vanilla',
  'dllm-cache',
  'fast-dllm-dual-parallel',
  'dynamic-dllm-released',
  'dynamic-dllm',
];

/** The tasks that the reference model was trained for; one prompt of each, and then the next ones. */
const tasks = ['gsm8k', 'math', 'mmlu', 'arc', 'gpqa', 'humaneval'];

export interface CaseOptions {
  readonly rounds: number | undefined;
  readonly passes: number | undefined;
  readonly promptLength: number;
  readonly genLength: number | undefined;
  readonly prompts: number;
  readonly whole: boolean;
}

/** Opens a model and makes its prompts; a random model is written into `scratch`. */
export async function openCase(model: PeerModel, options: CaseOptions, scratch: string): Promise<PeerCase> {
  return model === 'reference' ? referenceCase(options) : randomCase(options, scratch);
}

async function referenceCase(options: CaseOptions): Promise<PeerCase> {
  const { dir } = resolveModel('reference');
  const checkpoint = await openCheckpoint(dir);
  const prompts = await taskPrompts(dir, options.prompts);
  const goals = Object.fromEntries(peerMethods.map((method) => [method, 3]));
  const { rounds = 3, passes, genLength = 128 } = options;
  return {
    checkpoint,
    prompts,
    generation: generationOf(genLength),
    rounds,
    passes,
    warmUpPasses: null,
    goals,
  };
}

async function taskPrompts(dir: string, count: number): Promise<number[][]> {
  const model = await openPromptModel({ dir });
  const perTask = Math.ceil(count / tasks.length);
  const lists = await Promise.all(
    tasks.map(async (id) => {
      const task = findTask(id, { profile: 'mini' });
      const samples = selectSamples(await task.samples(), perTask, 1234);
      return samples.map(({ parts }) => Array.from(promptIds(model, parts, task.spec)));
    }),
  );
  return Array.from({ length: perTask }, (_, i) => lists.map((list) => list[i]!))
    .flat()
    .slice(0, count);
}

/** 100 M parameters, one invented prompt of the length of GSM8K's with examples. */
async function randomCase(options: CaseOptions, scratch: string): Promise<PeerCase> {
  const { promptLength, genLength = 256, rounds = 6, passes = 8, whole } = options;
  const maxSequenceLength = promptLength + genLength;
  const size = { dModel: 768, layers: 12, heads: 12, ffnDim: 2048, vocabSize: 8192, maxSequenceLength };
  const dimensions = await writeRandomCheckpoint(scratch, size, { seed: 'bench' });
  const cached = ['dllm-cache', 'dynamic-dllm-released', 'dynamic-dllm'];
  return {
    checkpoint: await openCheckpoint(scratch),
    prompts: [Array.from(benchPrompt(promptLength, dimensions))],
    generation: generationOf(genLength),
    rounds,
    passes: whole ? undefined : passes,
    warmUpPasses: 3,
    goals: { vanilla: 1.5, ...Object.fromEntries(cached.map((method) => [method, 3])) },
  };
}

/** One token a pass in blocks of 32, the product's own default. */
function generationOf(genLength: number): Generation {
  return resolveGeneration(generationOptions.parse({ genLength, blockLength: Math.min(32, genLength) }));
}

/**
 * The options of the methods that a comma list names; by default all on the small model, and those with a goal and
 * Fast-dLLM on the large one, where a pass takes long.
 *
 * @throws UsageError `PEERS_METHOD`
 */
export function methodsNamed(list: string | undefined, model: PeerModel): Map<string, MethodOptions> {
  const names = list?.split(',') ?? (model === 'reference' ? peerMethods : fewMethods);
  const known: readonly string[] = peerMethods;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      'PEERS_METHOD',
      `--methods: "${unknown}" has no PyTorch side; use some of ${peerMethods.join(',')}.`,
    );
  }
  return new Map(
    names.map((name) => {
      const { cache, unmask } = loadMethod(name, 'llada');
      return [name, { cache, unmask }];
    }),
  );
}
