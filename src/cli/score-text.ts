import type { RescoredLine } from '../experiments/rescore.js';
import { wilsonInterval } from '../stats/wilson.js';

/** What one scorer says of all lines. */
export interface ScorerTotal {
  readonly name: string;
  readonly correct: number;
  readonly accuracy: number;
  /** Wilson's 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Lines of which nothing can be said: the sandbox did not work. They count as wrong. */
  readonly errors: number;
}

/** Totals by scorer, the deciding one first. */
export function scorerTotals(lines: readonly RescoredLine[]): ScorerTotal[] {
  return Object.keys(lines[0]!.scores).map((name) => {
    const scores = lines.map((line) => line.scores[name]!);
    const correct = scores.filter((score) => score.correct).length;
    const { low, high } = wilsonInterval(correct, scores.length);
    const errors = scores.filter(({ error }) => error !== undefined).length;
    return { name, correct, accuracy: correct / scores.length, low, high, errors };
  });
}

export interface ScoreSummary {
  readonly task: string;
  readonly profile: string;
  readonly version: number;
  readonly n: number;
  readonly skipped: number;
  readonly scorers: readonly ScorerTotal[];
}

export function scoreText({ task, profile, version, n, skipped, scorers }: ScoreSummary): string {
  const width = Math.max(...scorers.map(({ name }) => name.length));
  const percent = (share: number) => (100 * share).toFixed(1);
  const lines = scorers.map(({ name, correct, accuracy, low, high, errors }) => {
    const failed = errors === 0 ? '' : `; ${errors} could not be judged`;
    return `${name.padEnd(width)}  ${percent(accuracy).padStart(5)} %  ${correct} of ${n}, 95 % interval ${percent(low)} to ${percent(high)}${failed}`;
  });
  const passed = skipped === 0 ? '' : `, ${skipped} lines passed over`;
  return `${task}, profile ${profile}, version ${version}: ${n} outputs${passed}\n${lines.join('\n')}\n`;
}
