import { stat } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { readRows } from '../formats/records/read-rows.js';
import type { PythonRunner } from '../sandbox/types.js';
import { type Score, scoreAll } from '../scoring/score.js';
import type { Task } from '../tasks/task.js';
import { type Answer, type Line, recordAnswers, sampleAnswers } from './rescore-lines.js';

/** What the scorers of a task say of one line. */
export interface RescoredLine {
  readonly line: number;
  /** Of the sample or record, where it has one. */
  readonly id: string | null;
  /** Of the run, for a stored sample. */
  readonly cell: string | null;
  readonly target: string;
  /** Subject, type or domain; null where records have none. */
  readonly group: string | null;
  /** By scorer, the deciding one first. */
  readonly scores: Readonly<Record<string, Score>>;
}

export interface Rescored {
  readonly lines: readonly RescoredLine[];
  /** Lines of other benchmarks, of records that the task leaves out, and of samples without an output. */
  readonly skipped: number;
}

const wanted = '{"record": {...}, "output": "..."}';

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
  const lines = await readLines(path);
  const isRecord = ({ value }: Line) => isJsonObject(value.record) && typeof value.output === 'string';
  const isStored = ({ value }: Line) => typeof value.sample === 'string' && typeof value.cell === 'string';
  const odd = lines.find((line) => !isRecord(line) && !isStored(line));
  if (odd !== undefined) {
    throw fault(`Line ${odd.row} of ${path} is neither ${wanted} nor a row of a run's samples.jsonl.`);
  }
  const answers: Answer[] = [
    ...(await recordAnswers(lines.filter(isRecord), path, task, family)),
    ...(await sampleAnswers(
      lines.filter((line) => !isRecord(line)),
      path,
      task,
    )),
  ];
  // The runner says how many programs run beside each other.
  const scored = await Promise.all(
    answers
      .sort((a, b) => a.line - b.line)
      .map(async ({ gold, text, ...rest }): Promise<RescoredLine> => {
        const scores = Object.fromEntries(await scoreAll(task, gold, text, python));
        return { ...rest, target: gold.target, scores };
      }),
  );
  return { lines: scored, skipped: lines.length - scored.length };
}

async function readLines(path: string): Promise<Line[]> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw fault(`There is no file ${path}; name one of lines ${wanted}.`);
  if (stats.isDirectory()) throw fault(`${path} is a folder; of a run name ${path}/samples.jsonl.`);
  if (!/\.jsonl(?:\.gz)?$/i.test(path)) {
    throw fault(`${path} must be JSON lines and called so (.jsonl); each line is ${wanted}.`);
  }
  try {
    return (await readRows(path)).rows as Line[];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const what = error.message.replace(/; [^;]*$/, '').replace('data file', 'file');
    throw fault(`${what}; each line must be ${wanted}.`);
  }
}

function fault(message: string): UsageError {
  return new UsageError('SCORE_FILE', message);
}
