import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import type { DataSource } from './data/source.js';
import type { ShotChoice } from './shots.js';
import { type TaskSpec, taskSpec } from './spec.js';
import { Task } from './task.js';

/** A task file that exists. */
export interface TaskName {
  readonly id: string;
  readonly profile: string;
}

/** Every task file of the package, by id, then profile. */
export function listTasks(root: string = packageRoot): TaskName[] {
  return readdirSync(join(root, 'tasks'))
    .map((file) => /^([A-Za-z0-9_-]+)\.([a-z0-9-]+)\.yaml$/.exec(file))
    .filter((match) => match !== null)
    .map((match) => ({ id: match[1]!, profile: match[2]! }))
    .sort((a, b) => (`${a.id}.${a.profile}` < `${b.id}.${b.profile}` ? -1 : 1));
}

/** What every task file says, by id, then profile. @throws UsageError `TASK_FILE` */
export function readTasks(root: string = packageRoot): TaskSpec[] {
  return listTasks(root).map(({ id, profile }) => readTaskFile(root, id, profile));
}

/**
 * Loads one task file; its data is read when samples are asked for.
 *
 * @throws UsageError TASK_UNKNOWN, TASK_PROFILE_UNKNOWN or TASK_FILE
 */
export function loadTask(
  id: string,
  profile: string,
  root: string = packageRoot,
  source: DataSource = {},
): Task {
  const tasks = listTasks(root);
  const ids = [...new Set(tasks.map((task) => task.id))];
  if (!ids.includes(id)) {
    throw new UsageError(
      'TASK_UNKNOWN',
      `There is no benchmark "${id}"; there are ${ids.join(', ')}.${aliasHint(id, root) ?? didYouMean(id, ids)}`,
    );
  }
  const profiles = tasks.filter((task) => task.id === id).map((task) => task.profile);
  if (!profiles.includes(profile)) {
    throw new UsageError(
      'TASK_PROFILE_UNKNOWN',
      `Benchmark ${id} has no profile "${profile}"; it has ${profiles.join(', ')}.${didYouMean(profile, profiles)}`,
    );
  }
  return new Task(readTaskFile(root, id, profile), { root, source });
}

/** Experiments name tasks by their own ids, so that tables have one name for each. */
function aliasHint(name: string, root: string): string | undefined {
  const spec = readTasks(root).find(({ aliases }) => aliases.includes(name));
  return spec && ` "${name}" is called "${spec.id}" here.`;
}

/** How the command line names a task. */
export interface TaskChoice {
  readonly profile?: string | undefined;
  readonly source?: DataSource;
  readonly shots?: ShotChoice;
}

/** The profile that the command line takes where none is named. */
export const usualProfile = 'lm-eval';

/**
 * The task of a name on the command line: `gsm8k`, a name that another program has for it (`minerva_math`), each with
 * a part behind it or not (`mmlu/abstract_algebra`).
 *
 * @throws UsageError TASK_UNKNOWN, TASK_PROFILE_UNKNOWN or TASK_FILE
 */
export function findTask(name: string, choice: TaskChoice = {}, root: string = packageRoot): Task {
  const { profile, source = {}, shots = {} } = choice;
  const [id = '', ...rest] = name.split('/');
  const group = rest.length === 0 ? undefined : rest.join('/');
  const specs = readTasks(root);
  const own = specs.some((spec) => spec.id === id) ? id : specs.find((spec) => spec.aliases.includes(id))?.id;
  const named = specs.filter((spec) => spec.id === own);
  if (named.length === 0) {
    const ids = [...new Set(specs.map((spec) => spec.id))];
    const known = [...ids, ...specs.flatMap((spec) => spec.aliases)];
    throw new UsageError(
      'TASK_UNKNOWN',
      `There is no task "${id}"; there are ${ids.join(', ')}.${didYouMean(id, known)}`,
    );
  }
  const usual =
    named.find((spec) => spec.aliases.includes(id)) ??
    named.find((spec) => spec.profile === usualProfile) ??
    named[0]!;
  const spec = profile === undefined ? usual : named.find((one) => one.profile === profile);
  if (spec === undefined) {
    const profiles = named.map((one) => one.profile);
    throw new UsageError(
      'TASK_PROFILE_UNKNOWN',
      `Task ${id} has no profile "${profile}"; it has ${profiles.join(', ')}.${didYouMean(profile!, profiles)}`,
    );
  }
  return new Task(spec, { root, source, group, shots });
}

function readTaskFile(root: string, id: string, profile: string): TaskSpec {
  const path = join(root, 'tasks', `${id}.${profile}.yaml`);
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
