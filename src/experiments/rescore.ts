import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { readRows } from '../formats/records/read-rows.js';
import type { PythonRunner } from '../sandbox/types.js';
import { type Score, scoreAll } from '../scoring/score.js';
import type { Gold } from '../scoring/spec.js';
import { describeIssue } from '../tasks/data/read-data.js';
import { outputText } from '../tasks/output-text.js';
import { recordKinds } from '../tasks/records/index.js';
import type { Task } from '../tasks/task.js';

/** One output to score. */
interface Answer {
  readonly line: number;
  /** Of the sample, where the line has one. */
  readonly id: string | null;
  readonly gold: Gold;
  readonly text: string;
  /** Subject, type or domain; null where records have none. */
  readonly group: string | null;
}

/** What the scorers of a task say of one line. */
export interface RescoredLine {
  readonly line: number;
  readonly id: string | null;
  readonly target: string;
  /** Subject, type or domain; null where records have none. */
  readonly group: string | null;
  /** By scorer, the deciding one first. */
  readonly scores: Readonly<Record<string, Score>>;
}

export interface Rescored {
  readonly lines: readonly RescoredLine[];
  /** Lines of other benchmarks, and of samples without an output. */
  readonly skipped: number;
}

/**
 * Scores the outputs of a file anew: lines of `{record, output}`, where the record is that of the data set, or
 * samples.jsonl of a run.
 *
 * @param family Whose special tokens stand in outputs that are text only.
 * @throws UsageError `SCORE_FILE` with the line; `DATA_*` where stored samples need the data and it is not there
 */
export async function rescore(
  path: string,
  task: Task,
  family: 'llada' | 'dream',
  python: PythonRunner,
): Promise<Rescored> {
  const { rows } = await readRows(path);
  const lines = rows as { row: number; value: Record<string, unknown> }[];
  const records = lines.filter(({ value }) => isJsonObject(value.record) && typeof value.output === 'string');
  const stored = lines.filter(
    ({ value }) => typeof value.sample === 'string' && typeof value.cell === 'string',
  );
  const odd = lines.find((line) => !records.includes(line) && !stored.includes(line));
  if (odd !== undefined) {
    throw new UsageError(
      'SCORE_FILE',
      `Line ${odd.row} of ${path} is neither {"record": {...}, "output": "..."} nor a row of a run's samples.jsonl.`,
    );
  }
  const answers = [...ofRecords(records, path, task, family), ...(await ofSamples(stored, path, task))];
  // The runner says how many programs run beside each other.
  const scored = await Promise.all(
    answers
      .sort((a, b) => a.line - b.line)
      .map(async ({ line, id, gold, text, group }): Promise<RescoredLine> => {
        const scores = Object.fromEntries(await scoreAll(task, gold, text, python));
        return { line, id, target: gold.target, group, scores };
      }),
  );
  return { lines: scored, skipped: lines.length - scored.length };
}

function ofRecords(
  lines: readonly { row: number; value: Record<string, unknown> }[],
  path: string,
  task: Task,
  family: 'llada' | 'dream',
): Answer[] {
  const { spec } = task;
  const kind = recordKinds.get(spec.records)!;
  const records = lines.map(({ row, value }) => {
    const parsed = kind.schema.safeParse(value.record);
    if (parsed.success) return parsed.data;
    throw new UsageError(
      'SCORE_FILE',
      `Line ${row} of ${path}, record: ${describeIssue(parsed.error, value.record)}.`,
    );
  });
  const order = typeof spec.decoding === 'string' ? spec.decoding : spec.decoding[family];
  return kind.views(records).flatMap(({ target, choices, code, group = null }, index) => {
    // A task that leaves records out has no score for them.
    if (spec.options !== undefined && choices?.length !== spec.options) return [];
    const { row, value } = lines[index]!;
    const id =
      kind.idField === undefined ? undefined : (records[index] as Record<string, unknown>)[kind.idField];
    const gold = {
      target,
      ...(choices === undefined ? {} : { choices }),
      ...(code === undefined ? {} : { code }),
    };
    const text = outputText(order, String(value.output), family, task.until);
    return [{ line: row, id: typeof id === 'string' ? id : null, gold, text, group }];
  });
}

async function ofSamples(
  lines: readonly { row: number; value: Record<string, unknown> }[],
  path: string,
  task: Task,
): Promise<Answer[]> {
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
      line: row,
      id,
      gold: sample,
      text: typeof text === 'string' ? text : '',
      group: sample.meta.group ?? null,
    };
  });
}
