import Table from 'cli-table3';
import { counted } from '../../src/counted.js';
import type { CsvCell } from '../../src/results/csv.js';
import type { Comparison, Quartiles } from './compose.js';

/** One method on one model, on both sides. */
export interface MethodResult extends Comparison {
  readonly method: string;
  /** Passes that were timed, by kind, where whole samples are composed of them. */
  readonly timed: string;
  readonly pairs: number;
  /** CPU time of PyTorch's process over that of ours, over all passes that were run. */
  readonly cpuRatio: number;
  /** Tokens that were compared, over all pairs. */
  readonly compared: number;
  /** One for each prompt on which the order of tokens is not the same. */
  readonly partings: readonly Parting[];
  /** Positions with different tokens, over all pairs. */
  readonly wrongTokens: number;
  readonly goal: number | undefined;
}

/** Where the order of the two sides parts, in words. */
export interface Parting {
  readonly text: string;
  /** Whether rounding alone decides there. */
  readonly tie: boolean;
}

/** Whether the two sides say the same, but for ties. */
export function isAgreed({ partings, wrongTokens }: MethodResult): boolean {
  return wrongTokens === 0 && partings.every(({ tie }) => tie);
}

function agreement({ compared, partings, wrongTokens }: MethodResult): string {
  const ties = partings.filter(({ tie }) => tie).length;
  const words = [
    wrongTokens === 0 ? `${compared} equal` : `${wrongTokens} of ${compared} differ`,
    ...(ties === 0 ? [] : [`ties: ${counted(ties, 'prompt')}`]),
    ...(ties === partings.length ? [] : [`other order: ${counted(partings.length - ties, 'prompt')}`]),
  ];
  return words.join('\n');
}

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const spread = ({ median, lower, upper }: Quartiles) =>
  `${digits(median)} (${digits(lower)}-${digits(upper)})`;

/** Speeds as median and quartiles, their ratio with its interval of 95 %, the goal, and whether tokens agree. */
export function comparisonTable(results: readonly MethodResult[]): string {
  const table = new Table({
    head: [
      'method',
      'ours tok/s',
      'PyTorch tok/s',
      'ratio',
      'goal',
      '',
      'CPU ratio',
      'tokens',
      'pairs',
      'timed passes',
    ],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const { method, ours, theirs, ratio, interval, goal, pairs, timed, cpuRatio } = result;
    table.push([
      method,
      spread(ours),
      spread(theirs),
      interval === undefined
        ? ratio.toFixed(2)
        : `${ratio.toFixed(2)} (${interval.low.toFixed(2)}-${interval.high.toFixed(2)})`,
      goal === undefined ? '' : `>= ${goal}`,
      verdict(result),
      cpuRatio.toFixed(2),
      agreement(result),
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
    const {
      method,
      ours,
      theirs,
      ratio,
      interval,
      goal,
      pairs,
      timed,
      cpuRatio,
      compared,
      partings,
      wrongTokens,
    } = result;
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
      cpuRatio,
      tokensCompared: compared,
      tokensDifferent: wrongTokens,
      partingsAtTies: partings.filter(({ tie }) => tie).length,
      otherPartings: partings.filter(({ tie }) => !tie).length,
    };
  });
  return [path, Object.keys(rows[0] ?? {}), rows];
}
