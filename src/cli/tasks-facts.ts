import { type ModelConfig, resolveModel } from '../config/model.js';
import { counted } from '../counted.js';
import { UsageError } from '../errors.js';
import { promptIds } from '../experiments/loaded-model.js';
import { openPromptModel } from '../experiments/prompt-model.js';
import { builtInTemplate, type ChatTemplate } from '../models/chat.js';
import { type BuiltInTemplate, builtInTemplates } from '../models/template-choice.js';
import { didYouMean } from '../suggest.js';
import { dataSet } from '../tasks/data/registry.js';
import type { DataSource } from '../tasks/data/source.js';
import { findTask, readTasks } from '../tasks/library.js';
import { type PromptParts, plainPrompt, type Rendering, renderPrompt } from '../tasks/messages.js';
import { sha256 } from '../tasks/samples.js';
import type { GenerationSpec, TaskSpec } from '../tasks/spec.js';

/** A task as `repro tasks list` names it. */
export interface ListedTask {
  readonly id: string;
  readonly profile: string;
  readonly version: number;
  readonly title: string;
  readonly aliases: readonly string[];
  /** File of the package, or data set and split. */
  readonly data: string;
  readonly rows: number | null;
  readonly shots: number;
  readonly scorers: readonly string[];
  readonly generation: GenerationSpec;
  readonly lengths: Readonly<Record<string, GenerationSpec>>;
  readonly source: string | null;
}

export function listedTasks(): ListedTask[] {
  return readTasks().map((spec) => {
    const { id, profile, version, title, aliases, data, generation, lengths, source = null } = spec;
    return {
      ...{ id, profile, version, title, aliases, generation, lengths, source },
      data: typeof data === 'string' ? data : `${dataSet(data.set).hub} ${data.split}`,
      rows: typeof data === 'string' ? null : dataSet(data.set).rows[data.split]!,
      shots: spec.shots === 0 ? 0 : spec.shots.count,
      scorers: spec.scorers.map(({ name }) => name),
    };
  });
}

/** Everything about one sample that is known before a model is loaded. */
export interface ShownTask {
  readonly task: string;
  readonly profile: string;
  readonly version: number;
  readonly index: number;
  /** Samples of the task here. */
  readonly of: number;
  readonly id: string;
  readonly data: { readonly file: string; readonly sha256: string };
  /** Rows of the data that were passed over. */
  readonly notices: readonly string[];
  readonly shots: {
    readonly count: number;
    readonly from: string | null;
    readonly rows: readonly number[] | null;
  };
  readonly until: readonly string[];
  readonly generation: GenerationSpec;
  readonly lengths: Readonly<Record<string, GenerationSpec>>;
  readonly scorers: readonly string[];
  readonly target: string;
  readonly render: Rendering;
  /** What was named; null without a chat template. */
  readonly template: string | null;
  readonly prompt: string;
  /** Of the prompt's UTF-8 bytes. */
  readonly sha256: string;
  /** Code points, as Python counts. */
  readonly characters: number;
  /** With a model's tokenizer. */
  readonly tokens: readonly number[] | null;
}

export interface ShowChoice {
  readonly source: DataSource;
  readonly index: number;
  readonly profile?: string | undefined;
  readonly shots?: number | undefined;
  readonly seed?: number | undefined;
  readonly render?: Rendering | undefined;
  readonly template?: string | undefined;
}

/** @throws UsageError for what is not there: task, profile, data, sample, template. */
export async function shownTask(name: string, choice: ShowChoice): Promise<ShownTask> {
  const { source, index, profile } = choice;
  const task = findTask(name, { profile, source, shots: { count: choice.shots, seed: choice.seed } });
  const { samples, shots, notices } = await task.load();
  const sample = samples[index];
  if (sample === undefined) {
    throw new UsageError(
      'FLAG',
      `--index is ${index}, but ${name} has ${counted(samples.length, 'sample')} here: 0 to ${samples.length - 1}.`,
    );
  }
  const { render, template, prompt, tokens } = await promptOf(sample.parts, task.spec, choice);
  return {
    task: name,
    profile: task.profile,
    version: task.spec.version,
    ...{ index, of: samples.length, id: sample.id },
    data: { file: task.dataFile, sha256: task.dataSha256 },
    shots: { count: sample.parts.shots.length, from: shots?.from ?? null, rows: sample.shotRows ?? null },
    notices: [...notices, ...frameNotice(task.spec, choice)],
    until: task.until,
    generation: task.generation,
    lengths: task.spec.lengths,
    scorers: task.scorers.map((scorer) => scorer.name),
    target: sample.target,
    ...{ render, template, prompt },
    sha256: sha256(prompt),
    characters: [...prompt].length,
    tokens,
  };
}

/** A built-in template shows a prompt as it would be, also where a run goes without one. */
function frameNotice({ chat, startOfText }: TaskSpec, { template, render }: ShowChoice): string[] {
  const shown = template !== undefined && isBuiltIn(template) && render !== 'plain';
  const sent = chat === true || (chat === 'dream' && template === 'chatml');
  if (!shown || sent) return [];
  const token = startOfText ? ', behind the start-of-text token' : '';
  return [`A run sends the prompt without a chat template${token}: the task says so.`];
}

type PromptFacts = Pick<ShownTask, 'render' | 'template' | 'prompt' | 'tokens'>;

async function promptOf(parts: PromptParts, spec: TaskSpec, choice: ShowChoice): Promise<PromptFacts> {
  const { template = null } = choice;
  if (template === null) {
    const { render = 'plain' } = choice;
    if (render === 'plain') return { render, template, prompt: plainPrompt(parts), tokens: null };
    throw new UsageError(
      'FLAG',
      `--render ${render} needs a chat template; add --template llada, chatml or a model's folder.`,
    );
  }
  if (isBuiltIn(template)) {
    const { render = spec.rendering } = choice;
    return { render, template, prompt: renderPrompt(parts, render, builtInTemplate(template)), tokens: null };
  }
  return withModel(parts, spec, { ...choice, template });
}

/** The prompt of a model: as a run would have it, unless told how to render it. */
async function withModel(
  parts: PromptParts,
  spec: TaskSpec,
  { template, render: asked }: ShowChoice & { readonly template: string },
): Promise<PromptFacts> {
  const model = await openPromptModel(namedModel(template));
  const { family } = model.checkpoint.dimensions;
  const framed =
    asked === undefined
      ? spec.chat === true || (spec.chat === 'dream' && family === 'dream')
      : asked !== 'plain';
  const chat: ChatTemplate | undefined = framed ? model.chat : undefined;
  if (framed && chat === undefined && asked !== undefined) {
    throw new UsageError(
      'FLAG',
      `${template} has no chat template; leave --render out, or add --template llada.`,
    );
  }
  const rendering = asked === undefined || asked === 'plain' ? spec.rendering : asked;
  const prompt = chat === undefined ? plainPrompt(parts) : renderPrompt(parts, rendering, chat);
  const frame = { chat: chat !== undefined, rendering, startOfText: spec.startOfText };
  const tokens = Array.from(promptIds({ ...model, chat }, parts, frame));
  return { render: chat === undefined ? 'plain' : rendering, template, prompt, tokens };
}

function namedModel(template: string): ModelConfig {
  try {
    return resolveModel(template);
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'MODEL_UNKNOWN') throw error;
    throw new UsageError(
      'FLAG',
      `--template is ${template}, but it must be one of ${builtInTemplates.join(', ')}, or a model's id or folder.` +
        didYouMean(template, [...builtInTemplates]),
    );
  }
}

function isBuiltIn(name: string): name is BuiltInTemplate {
  return (builtInTemplates as readonly string[]).includes(name);
}
