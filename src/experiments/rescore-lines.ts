import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import type { Gold } from '../scoring/spec.js';
import { describeIssue } from '../tasks/data/read-data.js';
import { outputText } from '../tasks/output-text.js';
import { recordKinds } from '../tasks/records/index.js';
import type { RecordKind, RecordView } from '../tasks/records/record.js';
import { contentDigest, type Sample } from '../tasks/samples.js';
import type { Task } from '../tasks/task.js';

/** A line of a file of outputs. */
export interface Line {
  readonly row: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** One output to score. */
export interface Answer {
  readonly line: number;
  readonly id: string | null;
  readonly cell: string | null;
  readonly group: string | null;
  readonly gold: Gold;
  readonly text: string;
}

/**
 * The answers of `{record, output}` lines; those of records that the task leaves out are left out.
 *
 * @throws UsageError `SCORE_FILE` for a record that is not the data set's, or whose options nobody can order
 */
export async function recordAnswers(
  lines: readonly Line[],
  path: string,
  task: Task,
  family: 'llada' | 'dream',
): Promise<Answer[]> {
  if (lines.length === 0) return [];
  const { spec } = task;
  const kind = recordKinds.get(spec.records)!;
  const records = lines.map(({ row, value }) => {
    const parsed = kind.schema.safeParse(value.record);
    if (parsed.success) return parsed.data;
    throw new UsageError(
      'SCORE_FILE',
      `Line ${row} of ${path}, record: ${describeIssue(parsed.error, value.record)}; name the --task whose records these are.`,
    );
  });
  const golds =
    kind.isWholeFile?.(records) === true
      ? await fromData(records, lines, path, task)
      : kind.views(records).map(viewGold);
  const order = typeof spec.decoding === 'string' ? spec.decoding : spec.decoding[family];
  return golds.flatMap(({ gold, group }, index) => {
    if (spec.options !== undefined && gold.choices?.length !== spec.options) return [];
    const { row, value } = lines[index]!;
    const text = outputText(order, String(value.output), family, task.until);
    return [{ line: row, id: idOf(kind, records[index]), cell: null, group, gold, text }];
  });
}

interface GroupedGold {
  readonly gold: Gold;
  readonly group: string | null;
}

function viewGold({ target, choices, code, group }: RecordView): GroupedGold {
  const gold = {
    target,
    ...(choices === undefined ? {} : { choices }),
    ...(code === undefined ? {} : { code }),
  };
  return { gold, group: group ?? null };
}

/** A shuffle that runs through the whole file has another result for a part of it, so the samples are asked. */
async function fromData(
  records: readonly unknown[],
  lines: readonly Line[],
  path: string,
  task: Task,
): Promise<GroupedGold[]> {
  const refuse = (line: number, why: string) =>
    new UsageError(
      'SCORE_FILE',
      `Line ${line} of ${path}: the options of ${task.title} stand in an order that the whole data file decides, and ${why}; ` +
        'give --data that file, or add "choices" and "answer" to the records.',
    );
  let samples: readonly Sample[];
  try {
    samples = await task.samples();
  } catch (error) {
    if (error instanceof UsageError && error.code === 'DATA_MISSING')
      throw refuse(lines[0]!.row, 'it is not here');
    throw error;
  }
  const byContent = new Map(samples.map((sample) => [sample.id.split('-').at(-1)!, sample]));
  return records.map((record, index) => {
    const sample = byContent.get(contentDigest(record));
    if (sample === undefined) throw refuse(lines[index]!.row, 'this record is not in it');
    return { gold: sample, group: sample.meta.group ?? null };
  });
}

function idOf(kind: RecordKind, record: unknown): string | null {
  if (kind.idField === undefined) return null;
  const id = (record as Record<string, unknown>)[kind.idField];
  return typeof id === 'string' ? id : null;
}

/**
 * The answers of stored samples of this task.
 *
 * @throws UsageError `SCORE_FILE` for a sample that the task does not have; `DATA_*`
 */
export async function sampleAnswers(lines: readonly Line[], path: string, task: Task): Promise<Answer[]> {
  const own = lines.filter(({ value }) => value.benchmark === task.id && isJsonObject(value.output));
  if (own.length === 0) return [];
  const samples = new Map((await task.samples()).map((sample) => [sample.id, sample]));
  return own.map(({ row, value }) => {
    const id = String(value.sample);
    const sample = samples.get(id);
    if (sample === undefined) {
      throw new UsageError(
        'SCORE_FILE',
        `Line ${row} of ${path}: there is no sample "${id}" in ${task.id}.${task.profile}; name the profile and the data that the run had.`,
      );
    }
    const { text } = value.output as { text?: unknown };
    return {
      ...{ line: row, id, cell: String(value.cell), group: sample.meta.group ?? null, gold: sample },
      text: typeof text === 'string' ? text : '',
    };
  });
}
