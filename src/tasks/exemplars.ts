import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { locateData } from './data/locate.js';
import { type DataRecord, readData } from './data/read-data.js';
import { dataSet } from './data/registry.js';
import type { DataSource } from './data/source.js';
import type { Shot } from './messages.js';
import { recordKinds } from './records/index.js';
import { sha256 } from './samples.js';
import type { FixedShots, TaskSpec } from './spec.js';
import { fillShot } from './template.js';

/** The examples that every sample of a task shows, and where they come from. */
export interface Exemplars {
  readonly shots: readonly Shot[];
  /** `tasks/shots/gsm8k-cot.json`, a path of the user's, or the split and how the rows were chosen. */
  readonly origin: string;
  readonly sha256: string;
}

/**
 * Reads the fixed examples of a task: from the package, from a file in the user's data folder, or the same problems
 * from a split of the data set.
 *
 * @throws UsageError `SHOTS_MISSING` or `SHOTS_FORMAT`
 */
export async function readExemplars(
  spec: TaskSpec,
  fixed: FixedShots,
  source: DataSource,
  root: string,
): Promise<Exemplars> {
  const { file, count, orSplit } = fixed;
  const packaged = file.startsWith('tasks/');
  const path = packaged ? join(root, file) : placesOf(spec, file, source).find(isFile);
  if (path === undefined) {
    if (orSplit !== undefined) return fromSplit(spec, fixed, source);
    throw missing(spec, fixed);
  }
  const bytes = readFileSync(path);
  const shots = parseShots(bytes.toString('utf8'), path, spec, fixed);
  if (shots.length < count) {
    throw new UsageError(
      'SHOTS_FORMAT',
      `${path} holds ${shots.length} examples, but ${count} are asked for; ask for fewer.`,
    );
  }
  return { shots: shots.slice(0, count), origin: packaged ? file : path, sha256: sha256(bytes) };
}

/** The folder of the data, the data set's own in it, and one called `fixtures` in or beside it. */
function placesOf(spec: TaskSpec, file: string, { path }: DataSource): string[] {
  if (path === undefined) return [];
  const dir = isFile(path) ? dirname(path) : path;
  const own =
    typeof spec.data === 'string' ? [] : dataSet(spec.data.set).folders.map((name) => join(dir, name));
  const beside = [join(dir, 'fixtures'), join(dir, '..', 'fixtures')];
  return [dir, ...own, ...beside].map((folder) => join(folder, file));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function parseShots(text: string, path: string, spec: TaskSpec, { key }: FixedShots): Shot[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError('SHOTS_FORMAT', `${path} is not JSON (${(error as Error).message}).`);
  }
  const list = key !== undefined && isJsonObject(value) ? value[key] : value;
  if (!Array.isArray(list) || !list.every(isJsonObject)) {
    throw new UsageError(
      'SHOTS_FORMAT',
      `${path} holds no list of examples${key === undefined ? '' : ` under "${key}"`}.`,
    );
  }
  return list.some((entry) => 'role' in entry)
    ? fromTurns(list, path)
    : list.map((entry) => fromRecord(entry, spec));
}

/** Turns of a chat, user and assistant by turns; a last user turn without an answer is the form of the question. */
function fromTurns(turns: readonly Record<string, unknown>[], path: string): Shot[] {
  return Array.from({ length: Math.floor(turns.length / 2) }, (_, index) => {
    const [user, assistant] = [turns[2 * index]!, turns[2 * index + 1]!];
    if (user.role !== 'user' || assistant.role !== 'assistant') {
      throw new UsageError(
        'SHOTS_FORMAT',
        `${path}: turns ${2 * index + 1} and ${2 * index + 2} are not one of "user" and one of "assistant".`,
      );
    }
    return { text: String(user.content), target: String(assistant.content) };
  });
}

function fromRecord(record: Record<string, unknown>, spec: TaskSpec): Shot {
  const fields = Object.fromEntries(Object.entries(record).map(([name, value]) => [name, String(value)]));
  return fillShot(spec, fields);
}

/** First digits of the digest of a problem without white space and without braces that close nothing. */
export function problemDigest(problem: string): string {
  const plain = problem.replace(/\s+/g, '').replace(/\.\}$/, '.');
  return sha256(plain).slice(0, 16);
}

async function fromSplit(spec: TaskSpec, fixed: FixedShots, source: DataSource): Promise<Exemplars> {
  const { split, problems, target } = fixed.orSplit!;
  if (typeof spec.data === 'string') throw missing(spec, fixed);
  const kind = recordKinds.get(spec.records)!;
  let records: DataRecord<unknown>[];
  try {
    ({ records } = await readData(locateData(dataSet(spec.data.set), split, source), kind.schema));
  } catch (error) {
    if (error instanceof UsageError && error.code === 'DATA_MISSING') throw missing(spec, fixed);
    throw error;
  }
  const views = kind.views(records.map(({ record }) => record));
  const found = problems.slice(0, fixed.count).map((digest) => {
    const row = views.findIndex(({ fields }) => problemDigest(fields.problem ?? '') === digest);
    if (row < 0) {
      throw new UsageError(
        'SHOTS_MISSING',
        `The ${split} split of ${spec.data instanceof Object ? spec.data.set : ''} in ${basename(records[0]!.path)} has not the problem ${digest} that ${spec.id}.${spec.profile} shows; put ${fixed.file} into the data folder.`,
      );
    }
    return fillShot(spec, views[row]!.fields, target);
  });
  const origin = `${spec.data.set} ${split}, by fixed ids`;
  return { shots: found, origin, sha256: sha256(JSON.stringify(found)) };
}

function missing(spec: TaskSpec, { file, orSplit }: FixedShots): UsageError {
  const set = typeof spec.data === 'string' ? spec.id : spec.data.set;
  const other =
    orSplit === undefined ? '' : `, or pull its ${orSplit.split} split with "repro data pull ${set}"`;
  return new UsageError(
    'SHOTS_MISSING',
    `The examples of ${spec.id}.${spec.profile} are not part of this program: put ${file} into the folder that --data names${other}.`,
  );
}
