import { meanGroups, type ScoreRow } from '../results/scores.js';

/** What the notes call things. */
export interface ScorerNames {
  readonly benchmarks: readonly { readonly id: string; readonly title: string }[];
  /** What the table calls a row's method; undefined for one that it does not show. */
  method(row: ScoreRow): string | undefined;
}

/**
 * One line per benchmark with several scorers, or with two means (MMLU): accuracies in per cent, of one method as
 * `GSM8K  strict-match 40.5  flexible-extract 78.0`, of several as
 * `GSM8K  strict-match / flexible-extract: baseline 40.5 / 78.0; Fast-dLLM 40.1 / 77.7`.
 */
export function scorerNotes(scores: readonly ScoreRow[], names: ScorerNames): string[] {
  return names.benchmarks.flatMap(({ id, title }) => {
    const rows = scores.filter((row) => row.benchmark === id && names.method(row) !== undefined);
    const labels = [...new Set(shownRows(rows).map((row) => labelOf(row, rows)))];
    if (labels.length < 2) return [];
    const methods = methodRows(rows);
    const values = methods.map((own) =>
      labels.map((label) => percent(shownRows(own).find((row) => labelOf(row, rows) === label))),
    );
    if (methods.length === 1) {
      return [[title, ...labels.map((label, i) => `${label} ${values[0]![i]}`)].join('  ')];
    }
    const each = methods.map((own, i) => `${names.method(own[0]!)} ${values[i]!.join(' / ')}`);
    return [`${title}  ${labels.join(' / ')}: ${each.join('; ')}`];
  });
}

/** The rows of all samples; of a benchmark with two means these instead. */
function shownRows(rows: readonly ScoreRow[]): ScoreRow[] {
  const means = rows.filter(({ group }) => isMean(group));
  return means.length > 0 ? means : rows.filter(({ group }) => group === '');
}

function isMean(group: string): boolean {
  return (meanGroups as readonly string[]).includes(group);
}

/** `strict-match`; `unweighted`, and with the scorer's name before it where there are several. */
function labelOf({ scorer, group }: ScoreRow, rows: readonly ScoreRow[]): string {
  const isOnlyScorer = rows.every((row) => row.scorer === scorer);
  return [...(isOnlyScorer && group !== '' ? [] : [scorer]), group].join(' ').trim();
}

/** Rows of one cell each, in their order: scores.csv has a cell's rows together, each scorer and group once. */
function methodRows(rows: readonly ScoreRow[]): ScoreRow[][] {
  const cells: ScoreRow[][] = [];
  for (const row of rows) {
    const cell = cells.at(-1);
    const isNext =
      cell === undefined ||
      cell[0]!.method !== row.method ||
      cell[0]!.model !== row.model ||
      cell.some((other) => other.scorer === row.scorer && other.group === row.group);
    if (isNext) cells.push([row]);
    else cell.push(row);
  }
  return cells;
}

function percent(row: ScoreRow | undefined): string {
  return row?.accuracy == null ? '-' : (100 * row.accuracy).toFixed(1);
}
