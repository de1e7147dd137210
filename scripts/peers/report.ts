import Table from 'cli-table3';
import type { CsvCell } from '../../src/results/csv.js';
import type { Comparison, Quartiles } from './compose.js';

/** One method on one model, on both sides. */
export interface MethodResult extends Comparison {
  readonly method: string;
  /** Passes that were timed, by kind, where whole samples are composed of them. */
  readonly timed: string;
  readonly pairs: number;
  /** Tokens that were compared, over all pairs. */
  readonly compared: number;
  /** A sentence for each prompt on which the two sides part. */
  readonly differences: readonly string[];
  readonly goal: number | undefined;
}

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const spread = ({ median, lower, upper }: Quartiles) =>
  `${digits(median)} (${digits(lower)}-${digits(upper)})`;

/** Speeds as median and quartiles, their ratio with its interval of 95 %, the goal, and whether tokens agree. */
export function comparisonTable(results: readonly MethodResult[]): string {
  const table = new Table({
    head: ['method', 'ours tok/s', 'PyTorch tok/s', 'ratio', 'goal', '', 'tokens', 'pairs', 'timed passes'],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const { method, ours, theirs, ratio, interval, goal, compared, differences, pairs, timed } = result;
    table.push([
      method,
      spread(ours),
      spread(theirs),
      interval === undefined
        ? ratio.toFixed(2)
        : `${ratio.toFixed(2)} (${interval.low.toFixed(2)}-${interval.high.toFixed(2)})`,
      goal === undefined ? '' : `>= ${goal}`,
      verdict(result),
      differences.length === 0 ? `${compared} equal` : `differ on ${differences.length} prompts`,
      pairs,
      timed,
    ]);
  }
  return table.toString();
}

function verdict({ ratio, goal }: MethodResult): string {
  return goal === undefined ? '' : ratio >= goal ? 'reached' : 'missed';
}

type Row = Readonly<Record<string, CsvCell>>;

/** File, columns and rows of the same as CSV; speeds in tokens per second. */
export function comparisonColumns(
  path: string,
  shared: Row,
  results: readonly MethodResult[],
): [path: string, columns: readonly string[], rows: readonly Row[]] {
  const rows = results.map((result): Row => {
    const { method, ours, theirs, ratio, interval, goal, pairs, timed, compared, differences } = result;
    return {
      ...shared,
      method,
      pairs,
      timed,
      oursTps: ours.median,
      oursTpsLower: ours.lower,
      oursTpsUpper: ours.upper,
      torchTps: theirs.median,
      torchTpsLower: theirs.lower,
      torchTpsUpper: theirs.upper,
      ratio,
      ratioLow: interval?.low ?? null,
      ratioHigh: interval?.high ?? null,
      goal: goal ?? null,
      verdict: verdict(result),
      tokensCompared: compared,
      promptsThatDiffer: differences.length,
    };
  });
  return [path, Object.keys(rows[0] ?? {}), rows];
}
