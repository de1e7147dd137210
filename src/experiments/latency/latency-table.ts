import type { CsvCell } from '../../results/csv.js';
import { median, quantile, sum } from '../../stats/summary.js';
import type { FigureResult } from '../figures/study.js';
import type { ChoosingPart, LatencyTimes } from './added-latency.js';

/** The times of one response. */
export interface TimedResponse {
  readonly benchmark: string;
  readonly sample: string;
  readonly method: string;
  readonly part: ChoosingPart;
  /** Tokens of the response. */
  readonly genLength: number;
  readonly rounds: readonly LatencyTimes[];
}

const quartiles = ['median', 'q25', 'q75'] as const;

/** Columns of table8.csv. */
export const latencyColumns = [
  'gen_length',
  'method',
  'part',
  'responses',
  'rounds',
  'passes_mean',
  'baseline_tps',
  ...quartiles.map((name) => `added_ms_${name}`),
  ...quartiles.map((name) => `added_us_per_pass_${name}`),
  ...quartiles.map((name) => `relative_${name}`),
  'of_baseline_median',
  'equal_tokens',
  'published',
  'published_certainty',
  'published_source',
] as const;

/** Columns of table8-times.csv: every decoding. */
export const timesColumns = [
  'gen_length',
  'benchmark',
  'sample',
  'method',
  'round',
  'passes',
  'baseline_ms',
  'with_ms',
  'without_ms',
] as const;

/**
 * Table 8 of some responses: for each length and method the time that choosing adds, as the difference of two
 * decodings of the same response in one round (median and quartiles over responses and rounds): of a response, of a
 * pass, as a share of the decoding without it, and of the baseline's decoding.
 */
export function latencyTable(responses: readonly TimedResponse[]): FigureResult {
  const keys = [...new Set(responses.map(({ genLength, method }) => `${genLength} ${method}`))];
  const groups = keys.map((key) =>
    responses.filter(({ genLength, method }) => `${genLength} ${method}` === key),
  );
  const rows = groups.map(rowOf);
  return {
    tables: [
      { name: 'table8', columns: latencyColumns, rows },
      { name: 'table8-times', columns: timesColumns, rows: responses.flatMap(timesOf) },
    ],
    shown: {
      head: [
        ...['length', 'method', 'chooses', 'baseline TPS', 'added ms', '[quartiles]', 'us a pass'],
        ...['added %', '[quartiles]', 'of baseline %', 'published'],
      ],
      rows: rows.map((row) => [
        String(row.gen_length),
        String(row.method),
        String(row.part),
        fixed(row.baseline_tps!, 1),
        fixed(row.added_ms_median!, 2),
        `[${fixed(row.added_ms_q25!, 2)}, ${fixed(row.added_ms_q75!, 2)}]`,
        fixed(row.added_us_per_pass_median!, 0),
        percent(row.relative_median!),
        `[${percent(row.relative_q25!)}, ${percent(row.relative_q75!)}]`,
        percent(row.of_baseline_median!),
        'n/a',
      ]),
    },
  };
}

function rowOf(group: readonly TimedResponse[]): Record<string, CsvCell> {
  const [{ genLength, method, part, rounds }] = group as [TimedResponse];
  const times = group.flatMap((response) => response.rounds);
  const added = times.map(({ withMs, withoutMs }) => withMs - withoutMs);
  const perPass = times.map(({ passes }, i) => (1000 * added[i]!) / passes);
  const relative = times.map(({ withoutMs }, i) => added[i]! / withoutMs);
  const ofBaseline = times.map(({ baselineMs }, i) => added[i]! / baselineMs);
  return {
    ...{ gen_length: genLength, method, part, responses: group.length, rounds: rounds.length },
    passes_mean: sum(group.map((response) => response.rounds[0]!.passes)) / group.length,
    baseline_tps: (1000 * genLength * times.length) / sum(times.map(({ baselineMs }) => baselineMs)),
    ...spread('added_ms', added),
    ...spread('added_us_per_pass', perPass),
    ...spread('relative', relative),
    of_baseline_median: median(ofBaseline),
    equal_tokens: times.filter(({ equal }) => equal).length / times.length,
    // No cell of the published table is known.
    ...{ published: null, published_certainty: null, published_source: null },
  };
}

function spread(name: string, values: readonly number[]): Record<string, number> {
  return {
    [`${name}_median`]: median(values),
    [`${name}_q25`]: quantile(values, 0.25),
    [`${name}_q75`]: quantile(values, 0.75),
  };
}

function timesOf({ genLength, benchmark, sample, method, rounds }: TimedResponse) {
  return rounds.map(({ passes, baselineMs, withMs, withoutMs }, i) => ({
    ...{ gen_length: genLength, benchmark, sample, method, round: i + 1, passes },
    ...{ baseline_ms: baselineMs, with_ms: withMs, without_ms: withoutMs },
  }));
}

function fixed(value: CsvCell, digits: number): string {
  return Number(value).toFixed(digits);
}

function percent(share: CsvCell): string {
  return fixed(100 * Number(share), 1);
}
