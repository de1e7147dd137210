import { UsageError } from '../errors.js';
import { groupBy } from '../group-by.js';
import { mean } from '../stats/summary.js';
import { wilsonInterval } from '../stats/wilson.js';
import { readCsv, writeCsv } from './csv.js';
import { type MmluCategory, mmluCategories, mmluCategory } from './mmlu-categories.js';
import { isCorrect, type SampleRow } from './samples.js';
import type { CellKey } from './summary.js';

const textColumns = [
  'experiment',
  'model',
  'method',
  'benchmark',
  'profile',
  'seed',
  'limit',
  'scorer',
  'group',
] as const;
const numberColumns = ['n', 'correct', 'accuracy', 'accuracy_low', 'accuracy_high'] as const;
/** The columns of scores.csv, in their order. */
export const scoreColumns = [...textColumns, ...numberColumns] as const;

/** Groups of MMLU that stand for all subjects: the accuracy over all documents, and the mean over the subjects. */
export const meanGroups = ['weighted', 'unweighted'] as const;

/**
 * One row of scores.csv: one scorer on one group of a cell's samples (all where `group` is empty). A mean over
 * subjects has no number of right samples and no interval.
 */
export type ScoreRow = Readonly<
  Record<(typeof textColumns)[number], string> & Record<(typeof numberColumns)[number], number | null>
>;

/** A cell with its samples. */
export interface ScoredCell {
  readonly key: Pick<CellKey, 'experiment' | 'model' | 'method' | 'benchmark' | 'profile' | 'seed' | 'limit'>;
  readonly samples: readonly SampleRow[];
}

/** Whether a sample is right by one scorer, and its group. */
interface Judged {
  readonly correct: boolean;
  readonly group: string | undefined;
}

/**
 * The rows of scores.csv: cell by cell and scorer by scorer first all samples, then every group (MMLU subject, MATH
 * type, GPQA domain) by name, then the categories of MMLU and its two means. A sample that failed before it was scored
 * is wrong by every scorer. Samples of older files know one scorer, whose name is empty here.
 */
export function scoreRows(cells: readonly ScoredCell[]): ScoreRow[] {
  const scorersOf = new Map<string, Set<string>>();
  for (const { key, samples } of cells) {
    const names = scorersOf.get(taskOf(key)) ?? new Set();
    for (const { scores = {} } of samples) for (const name of Object.keys(scores)) names.add(name);
    scorersOf.set(taskOf(key), names);
  }
  return cells.flatMap(({ key, samples }) => {
    const { experiment, model, method, benchmark, profile, seed } = key;
    const limit = key.limit === null ? '' : String(key.limit);
    const names = [...scorersOf.get(taskOf(key))!];
    return (names.length === 0 ? [''] : names).flatMap((scorer, place) => {
      const judged = samples.flatMap((sample) => judge(sample, scorer, place === 0));
      return groupRows(judged).map((row) => ({
        experiment,
        model,
        method,
        benchmark,
        profile,
        seed,
        limit,
        scorer,
        ...row,
      }));
    });
  });
}

function taskOf({ benchmark, profile }: ScoredCell['key']): string {
  return `${benchmark}\n${profile}`;
}

/** Nothing where nothing is known: older files have the scorer that decides only. */
function judge(sample: SampleRow, scorer: string, decides: boolean): Judged[] {
  const { scores, group, error } = sample;
  if (scores !== undefined) {
    const score = scores[scorer];
    return [{ correct: score?.correct === true && score.error === undefined, group }];
  }
  if (error === null && !decides) return [];
  return [{ correct: decides && isCorrect(sample), group }];
}

type GroupRow = Pick<ScoreRow, 'group' | (typeof numberColumns)[number]>;

function groupRows(judged: readonly Judged[]): GroupRow[] {
  const groups = groupBy(judged, ({ group }) => group);
  const names = [...groups.keys()].filter((name) => name !== undefined).sort();
  const rows = names.map((name) => countedRow(name, groups.get(name)!));
  const isMmlu = names.length > 0 && names.every((name) => mmluCategory(name) !== undefined);
  return [countedRow('', judged), ...rows, ...(isMmlu ? mmluRows(judged, rows) : [])];
}

function mmluRows(judged: readonly Judged[], subjects: readonly GroupRow[]): GroupRow[] {
  const ofCategory = (category: MmluCategory): Judged[] =>
    judged.filter(({ group }) => group !== undefined && mmluCategory(group) === category);
  const [weighted, unweighted] = meanGroups;
  return [
    ...mmluCategories
      .map((category) => countedRow(category, ofCategory(category)))
      .filter(({ n }) => n !== 0),
    countedRow(weighted, judged),
    {
      ...{ group: unweighted, n: judged.length, correct: null },
      accuracy: mean(subjects.map(({ accuracy }) => accuracy!)),
      accuracy_low: null,
      accuracy_high: null,
    },
  ];
}

function countedRow(group: string, judged: readonly Judged[]): GroupRow {
  const n = judged.length;
  const correct = judged.filter((one) => one.correct).length;
  const { low, high } = wilsonInterval(correct, n);
  return {
    ...{ group, n, correct },
    accuracy: n === 0 ? null : correct / n,
    accuracy_low: n === 0 ? null : low,
    accuracy_high: n === 0 ? null : high,
  };
}

export function writeScores(path: string, rows: readonly ScoreRow[]): Promise<void> {
  return writeCsv(path, scoreColumns, rows);
}

/** @throws UsageError `CSV_UNREADABLE`, `CSV_INVALID` or, for a table of another kind, `SCORES_INVALID` */
export async function readScores(path: string): Promise<ScoreRow[]> {
  const records = await readCsv(path);
  return records.map((record, row) => {
    const cell = (column: (typeof scoreColumns)[number]): string => {
      const text = record[column];
      if (text !== undefined) return text;
      throw invalid(path, row, `column "${column}" is missing`);
    };
    const texts = textColumns.map((column) => [column, cell(column)]);
    const numbers = numberColumns.map((column) => {
      const text = cell(column);
      if (text === '') return [column, null];
      if (!Number.isFinite(Number(text))) {
        throw invalid(
          path,
          row,
          `column "${column}" is ${JSON.stringify(text)}, but it must be a number or empty`,
        );
      }
      return [column, Number(text)];
    });
    return Object.fromEntries([...texts, ...numbers]) as ScoreRow;
  });
}

function invalid(path: string, row: number, what: string): UsageError {
  return new UsageError(
    'SCORES_INVALID',
    `${path}, row ${row + 1}: ${what}; delete the file, and the scores are taken from samples.jsonl again.`,
  );
}
