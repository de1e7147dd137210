import { parseArgs } from 'node:util';
import {
  bootstrapOfShare,
  discordantShares,
  mcnemarLevel,
  type PairedTruth,
  pairedCoverage,
  ratioCoverage,
  ratioOfSumsCoverage,
  roundsCoverage,
  shareCoverage,
  studentCoverage,
  wilson,
} from './simulations.js';

/**
 * How often the intervals of src/stats hold the truth, and how often its tests cry wolf, on simulated data:
 *
 *     npx tsx scripts/stats/coverage.ts [--trials 2000] [--resamples 2000] [--only NAME]
 *
 * Exits 1 if a required cell misses: coverage of 93 to 97 % for n >= 100 and 0.2 <= p <= 0.8, at most 5 % false
 * positives of the exact McNemar test everywhere. Cells in brackets are reported only.
 */
const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '2000' },
    resamples: { type: 'string', default: '2000' },
    only: { type: 'string' },
  },
});
const trials = Number(values.trials);
const resamples = Number(values.resamples);

const sizes = [32, 100, 200, 500, 1000];
const probabilities = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98];

interface Grid {
  readonly title: string;
  readonly rows: readonly number[];
  /** What the columns vary. */
  readonly column: string;
  readonly columns: readonly number[];
  /** Undefined where there is no such case. */
  readonly rate: (row: number, column: number) => number | undefined;
  /** In percent; undefined for a cell that is reported only. */
  readonly required: (row: number, column: number) => readonly [number, number] | undefined;
}

const middleOfLargeSets: Grid['required'] = (n, p) =>
  n >= 100 && p >= 0.2 && p <= 0.8 ? [93, 97] : undefined;
const byShare = { rows: sizes, column: 'p', columns: probabilities };

const paired = (shift: number): Grid['rate'] => {
  return (n, p) => {
    const truth: PairedTruth = { own: p + shift, baseline: p, phi: 0.6 };
    return truth.own <= 0 || discordantShares(truth) === undefined
      ? undefined
      : pairedCoverage(n, truth, trials);
  };
};

const percentile = bootstrapOfShare('percentile', resamples);
const bca = bootstrapOfShare('bca', resamples);
const grids: readonly Grid[] = [
  {
    title: 'Wilson, share',
    ...byShare,
    rate: (n, p) => shareCoverage(wilson, n, p, trials),
    required: middleOfLargeSets,
  },
  {
    title: 'Tango, paired difference 0 (phi 0.6)',
    ...byShare,
    rate: paired(0),
    required: middleOfLargeSets,
  },
  {
    title: 'Tango, paired difference -5 points (phi 0.6)',
    ...byShare,
    rate: paired(-0.05),
    required: middleOfLargeSets,
  },
  {
    title: 'Bootstrap percentile, share',
    ...byShare,
    rate: (n, p) => shareCoverage(percentile, n, p, trials),
    required: middleOfLargeSets,
  },
  {
    title: 'Bootstrap BCa, share',
    ...byShare,
    rate: (n, p) => shareCoverage(bca, n, p, trials),
    required: middleOfLargeSets,
  },
  {
    title: 'Bootstrap, ratio of sums of paired times (0 = percentile, 1 = BCa)',
    rows: sizes,
    column: 'kind',
    columns: [0, 1],
    rate: (n, kind) => ratioOfSumsCoverage(kind === 0 ? 'percentile' : 'bca', n, trials, resamples),
    required: (n) => (n >= 100 ? [93, 97] : undefined),
  },
  {
    title: 'Student, mean of k normal values',
    rows: [2, 3, 5, 10, 30],
    column: 'spread',
    columns: [1],
    rate: (k) => studentCoverage(k, trials),
    required: () => [93, 97],
  },
  {
    title: 'Rounds, median of k log-normal speeds',
    rows: [2, 3, 5, 10, 30],
    column: 'spread',
    columns: [0.02, 0.1, 0.3],
    rate: (k, spread) => roundsCoverage(k, spread, trials),
    required: () => [93, 97],
  },
  {
    title: 'Rounds, ratio of two runs of k, one twice as noisy',
    rows: [2, 3, 5, 10, 30],
    column: 'spread',
    columns: [0.02, 0.1, 0.3],
    rate: (k, spread) => ratioCoverage(k, spread, trials),
    // With two rounds Satterthwaite's approximation is too careful.
    required: (k) => (k >= 3 ? [93, 97] : undefined),
  },
  {
    title: 'McNemar exact, false positives (phi 0.6)',
    ...byShare,
    rate: (n, p) => mcnemarLevel('exact', n, p, trials),
    required: () => [0, 5],
  },
  {
    title: 'McNemar mid-p, false positives (phi 0.6)',
    ...byShare,
    rate: (n, p) => mcnemarLevel('mid-p', n, p, trials),
    required: () => undefined,
  },
];

let misses = 0;
for (const grid of grids.filter(({ title }) => values.only === undefined || title.includes(values.only))) {
  const lines = grid.rows.map((row) => [
    String(row),
    ...grid.columns.map((column) => cell(grid, row, column)),
  ]);
  const text = [[`n \\ ${grid.column}`, ...grid.columns.map(String)], ...lines]
    .map((line) => line.map((value, i) => value.padStart(i === 0 ? 10 : 8)).join(''))
    .join('\n');
  console.log(`\n${grid.title}: % of ${trials}\n${text}`);
}
console.log(misses === 0 ? '\nAll required cells hold.' : `\n${misses} required cells miss (!).`);
process.exitCode = misses === 0 ? 0 : 1;

function cell({ rate, required }: Grid, row: number, column: number): string {
  const value = rate(row, column);
  if (value === undefined) return '-';
  const percent = value * 100;
  const limits = required(row, column);
  if (limits === undefined) return `(${percent.toFixed(1)})`;
  const met = limits[0] <= percent && percent <= limits[1];
  if (!met) misses += 1;
  return `${percent.toFixed(1)}${met ? '' : '!'}`;
}
