import { createHash } from 'node:crypto';
import type { Gold } from '../scoring/spec.js';
import type { DataRecord } from './data/read-data.js';
import type { PromptParts } from './messages.js';
import { recordKinds } from './records/index.js';
import type { RecordView } from './records/record.js';
import type { ShotPlan } from './shots.js';
import type { TaskSpec } from './spec.js';
import { fillTemplate } from './template.js';

/** One question of a benchmark. */
export interface Sample extends Gold {
  /** Stable across runs, machines and layouts: data set, source index and content hash (`gsm8k/0042-1f3a9c0e`). */
  readonly id: string;
  readonly benchmark: string;
  /** Description, examples and question, before the chat template. */
  readonly parts: PromptParts;
  /** Rows of the split that the examples come from. */
  readonly shotRows?: readonly number[];
  readonly meta: {
    /** Place in the data, from 0. */
    readonly index: number;
    /** The data set's own answer in full. */
    readonly solution: string;
    readonly group?: string;
  };
}

/** A record of a task with its reading and its name. */
export interface NamedRecord {
  readonly view: RecordView;
  readonly id: string;
  readonly index: number;
  /** Place among the records of its group. */
  readonly inGroup: number;
}

/**
 * Names the records of a task. A record of the package is known by its line as it stands there, one of a published
 * data set by what the schema keeps of it, so that every layout gives the same names.
 */
export function nameRecords(
  spec: TaskSpec,
  records: readonly DataRecord<unknown>[],
  sources?: readonly string[],
): NamedRecord[] {
  const views = recordKinds.get(spec.records)!.views(records.map(({ record }) => record));
  const set = typeof spec.data === 'string' ? spec.id : spec.data.set;
  const perGroup = spec.shots !== 0 && 'perGroup' in spec.shots && spec.shots.perGroup;
  const seen = new Map<string, number>();
  return views.map((view, index) => {
    const group = view.group ?? '';
    const inGroup = seen.get(group) ?? 0;
    seen.set(group, inGroup + 1);
    const source = sources?.[index];
    const digest = source === undefined ? contentDigest(records[index]!.record) : shortDigest(source);
    const place = perGroup ? `${set}/${group}/${pad(inGroup)}` : `${set}/${pad(index)}`;
    return { view, index, inGroup, id: `${place}-${digest}` };
  });
}

/** What the name of a sample says of its content: the first digits of a digest of what the schema keeps of it. */
export function contentDigest(record: unknown): string {
  return shortDigest(JSON.stringify(record));
}

function shortDigest(content: string): string {
  return sha256(content).slice(0, 8);
}

/** Renders the samples of a task: those records that it keeps. */
export function renderSamples(spec: TaskSpec, records: readonly NamedRecord[], shots: ShotPlan): Sample[] {
  const where = `${spec.id}.${spec.profile}`;
  return records
    .filter(({ view }) => spec.options === undefined || view.choices?.length === spec.options)
    .map(({ view, id, index, inGroup }) => {
      const fill = (template: string) => fillTemplate(template, view.fields, where);
      const shown = shots.of({ index, inGroup, group: view.group });
      return {
        id,
        benchmark: spec.id,
        parts: {
          description: spec.description === undefined ? '' : fill(spec.description),
          descriptionInTurn: spec.descriptionInTurn,
          shots: shown.shots,
          text: fill(spec.prompt),
          join: spec.join,
          ...(spec.genPrefix === undefined ? {} : { genPrefix: fill(spec.genPrefix) }),
        },
        ...(shown.rows === undefined ? {} : { shotRows: shown.rows }),
        target: view.target,
        ...(view.choices === undefined ? {} : { choices: view.choices }),
        ...(view.code === undefined ? {} : { code: view.code }),
        meta: {
          index,
          solution: view.solution,
          ...(view.group === undefined ? {} : { group: view.group }),
        },
      };
    });
}

/** The name of a group in paths and on the command line: `Counting & Probability` is `counting_and_probability`. */
export function groupSlug(group: string): string {
  return group
    .replaceAll('&', 'and')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
}

function pad(index: number): string {
  return String(index).padStart(4, '0');
}

/** Hex sha256 of text (as UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
