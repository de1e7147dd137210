import { counted } from '../counted.js';
import type { RescoredLine } from '../experiments/rescore.js';
import { groupBy } from '../group-by.js';
import { passAtK } from '../scoring/metrics/pass-at-k.js';
import { mean } from '../stats/summary.js';
import { wilsonInterval } from '../stats/wilson.js';

/** What one scorer says of all lines. */
export interface ScorerTotal {
  readonly name: string;
  readonly correct: number;
  readonly accuracy: number;
  /** Wilson's 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Mean over the groups (MMLU subjects, MATH types); null where there are fewer than two. */
  readonly unweighted: number | null;
  /** Lines of which nothing can be said: the sandbox did not work. They count as wrong. */
  readonly errors: number;
}

/** Totals by scorer, the deciding one first. */
function scorerTotals(lines: readonly RescoredLine[]): ScorerTotal[] {
  return Object.keys(lines[0]!.scores).map((name) => {
    const scores = lines.map((line) => line.scores[name]!);
    const correct = scores.filter((score) => score.correct).length;
    const { low, high } = wilsonInterval(correct, scores.length);
    const errors = scores.filter(({ error }) => error !== undefined).length;
    return {
      name,
      correct,
      accuracy: correct / scores.length,
      low,
      high,
      unweighted: unweighted(lines, name),
      errors,
    };
  });
}

function unweighted(lines: readonly RescoredLine[], scorer: string): number | null {
  const groups = groupBy(lines, ({ group }) => group);
  if (groups.has(null) || groups.size < 2) return null;
  const share = (own: readonly RescoredLine[]) =>
    own.filter(({ scores }) => scores[scorer]!.correct).length / own.length;
  return mean([...groups.values()].map(share));
}

/** pass@k of the deciding scorer, where problems have several outputs. */
export interface PassAtK {
  readonly k: number;
  readonly passAtK: number;
  readonly problems: number;
  /** Of the problem with the fewest. */
  readonly outputs: number;
}

/** For k of 1, 10 and 100, as far as every problem has so many outputs; none where each has one. */
function passAtKTotals(lines: readonly RescoredLine[]): PassAtK[] {
  const problems = new Map<string, { n: number; correct: number }>();
  for (const { id, scores } of lines) {
    if (id === null) return [];
    const problem = problems.get(id) ?? { n: 0, correct: 0 };
    problem.n += 1;
    if (Object.values(scores)[0]!.correct) problem.correct += 1;
    problems.set(id, problem);
  }
  const fewest = Math.min(...[...problems.values()].map(({ n }) => n));
  if (fewest < 2) return [];
  return [1, 10, 100]
    .filter((k) => k <= fewest)
    .map((k) => {
      const estimates = [...problems.values()].map(({ n, correct }) => passAtK(n, correct, k));
      return { k, passAtK: mean(estimates), problems: problems.size, outputs: fewest };
    });
}

/** What the lines say together: those of records, and of stored samples those of each cell. */
export interface ScoreTotals {
  /** Of lines of records; empty for samples of a run, whose methods are not one. */
  readonly scorers: readonly ScorerTotal[];
  readonly passAtK: readonly PassAtK[];
  readonly cells: readonly {
    readonly cell: string;
    readonly n: number;
    readonly scorers: readonly ScorerTotal[];
  }[];
}

export function scoreTotals(lines: readonly RescoredLine[]): ScoreTotals {
  const records = lines.filter(({ cell }) => cell === null);
  const names = [...new Set(lines.map(({ cell }) => cell))].filter((cell) => cell !== null);
  return {
    scorers: records.length === 0 ? [] : scorerTotals(records),
    passAtK: records.length === 0 ? [] : passAtKTotals(records),
    cells: names.map((cell) => {
      const own = lines.filter((line) => line.cell === cell);
      return { cell, n: own.length, scorers: scorerTotals(own) };
    }),
  };
}

export interface ScoreSummary extends ScoreTotals {
  readonly task: string;
  readonly profile: string;
  readonly version: number;
  readonly n: number;
  readonly skipped: number;
}

export function scoreText(summary: ScoreSummary): string {
  const { task, profile, version, n, skipped, scorers, passAtK: estimates, cells } = summary;
  const passed = skipped === 0 ? '' : `, ${skipped} lines passed over`;
  const lines = [
    `${task}, profile ${profile}, version ${version}: ${counted(n, 'output')}${passed}`,
    ...scorerLines(scorers, n),
  ];
  for (const { k, passAtK: share, problems, outputs } of estimates) {
    const over = `${counted(outputs, 'output')} a problem, ${counted(problems, 'problem')}`;
    lines.push(`unbiased pass@${k}: ${percent(share)} % (${over})`);
  }
  for (const { cell, n: samples, scorers: own } of cells) {
    lines.push(cell, ...scorerLines(own, samples).map((line) => `  ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

function scorerLines(scorers: readonly ScorerTotal[], n: number): string[] {
  const width = Math.max(...scorers.map(({ name }) => name.length));
  return scorers.map(({ name, correct, accuracy, low, high, unweighted: means, errors }) => {
    const over = means === null ? '' : `; mean over groups ${percent(means)} %`;
    const failed = errors === 0 ? '' : `; ${errors} could not be judged`;
    return `${name.padEnd(width)}  ${percent(accuracy).padStart(5)} %  ${correct} of ${n}, 95 % interval ${percent(low)} to ${percent(high)}${over}${failed}`;
  });
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
