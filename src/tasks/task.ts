import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import type { Scorable } from '../scoring/spec.js';
import { didYouMean } from '../suggest.js';
import { readSamples, type Sample, sha256 } from './samples.js';
import { type GenerationSpec, type TaskSpec, taskSpec } from './spec.js';

/** A benchmark under one protocol, ready to be run and scored. */
export class Task implements Scorable {
  readonly spec: TaskSpec;
  readonly #dataPath: string;
  #loaded: { samples: readonly Sample[]; sha256: string } | undefined;

  constructor(spec: TaskSpec, root: string) {
    this.spec = spec;
    this.#dataPath = join(root, spec.data);
  }

  get id(): string {
    return this.spec.id;
  }

  get profile(): string {
    return this.spec.profile;
  }

  get title(): string {
    return this.spec.title;
  }

  get until(): readonly string[] {
    return this.spec.until;
  }

  get scorers(): Scorable['scorers'] {
    return this.spec.scorers;
  }

  get generation(): GenerationSpec {
    return this.spec.generation;
  }

  get inAverage(): boolean {
    return this.spec.inAverage;
  }

  /** The data file, relative to the package, as the manifest names it. */
  get dataFile(): string {
    return this.spec.data;
  }

  /** Hex sha256 of the data file. Reads it. */
  get dataSha256(): string {
    return this.#load().sha256;
  }

  /** Hex sha256 of everything that shapes the prompt: template, shots, chat frame or not. */
  get promptSha256(): string {
    const { prompt, shots, chat } = this.spec;
    return sha256(JSON.stringify({ prompt, shots, chat }));
  }

  /**
   * All samples in file order, read once.
   *
   * @throws UsageError DATA_* for a data file that is missing or broken, TASK_TEMPLATE for the prompt
   */
  samples(): readonly Sample[] {
    return this.#load().samples;
  }

  /** The user message of a sample, before the chat template. */
  prompt(sample: Sample): string {
    return sample.prompt;
  }

  #load(): { samples: readonly Sample[]; sha256: string } {
    this.#loaded ??= readSamples(this.spec, this.#dataPath);
    return this.#loaded;
  }
}

/** A task file that exists. */
export interface TaskName {
  readonly id: string;
  readonly profile: string;
}

/** Every task file of the package, by id, then profile. */
export function listTasks(root: string = packageRoot): TaskName[] {
  return readdirSync(join(root, 'tasks'))
    .map((file) => /^([a-z0-9-]+)\.([a-z0-9-]+)\.yaml$/.exec(file))
    .filter((match) => match !== null)
    .map((match) => ({ id: match[1]!, profile: match[2]! }))
    .sort((a, b) => (a.id + a.profile < b.id + b.profile ? -1 : 1));
}

/**
 * Loads one task file; its data is read when samples are asked for.
 *
 * @throws UsageError TASK_UNKNOWN, TASK_PROFILE_UNKNOWN or TASK_FILE
 */
export function loadTask(id: string, profile: string, root: string = packageRoot): Task {
  const tasks = listTasks(root);
  const ids = [...new Set(tasks.map((task) => task.id))];
  if (!ids.includes(id)) {
    throw new UsageError(
      'TASK_UNKNOWN',
      `There is no benchmark "${id}"; there are ${ids.join(', ')}.${didYouMean(id, ids)}`,
    );
  }
  const profiles = tasks.filter((task) => task.id === id).map((task) => task.profile);
  if (!profiles.includes(profile)) {
    throw new UsageError(
      'TASK_PROFILE_UNKNOWN',
      `Benchmark ${id} has no profile "${profile}"; it has ${profiles.join(', ')}.${didYouMean(profile, profiles)}`,
    );
  }
  return new Task(readTaskFile(join(root, 'tasks', `${id}.${profile}.yaml`), id, profile), root);
}

function readTaskFile(path: string, id: string, profile: string): TaskSpec {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const line = error.linePos?.[0].line ?? 1;
    throw new UsageError('TASK_FILE', `Line ${line} of ${path} is not YAML: ${error.message.split('\n')[0]}`);
  }
  const parsed = taskSpec.safeParse(value);
  if (!parsed.success) throw new UsageError('TASK_FILE', `${path}: ${describe(parsed.error.issues[0]!)}.`);
  const spec = parsed.data;
  if (spec.id !== id || spec.profile !== profile) {
    throw new UsageError(
      'TASK_FILE',
      `${path} says it is ${spec.id}.${spec.profile}; file name and content must agree.`,
    );
  }
  return spec;
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(taskSpec.shape);
    const hint = where === '' ? didYouMean(issue.keys[0]!, known) : '';
    return `unknown key "${[...issue.path, issue.keys[0]].map(String).join('.')}"${hint.replace(/\.$/, '')}`;
  }
  return where === '' ? issue.message : `"${where}": ${issue.message}`;
}
