import type { SweepCell } from '../../src/report/sweep-table.js';
import type { SummaryRow } from '../../src/results/columns.js';
import { type CellKey, summariseCell } from '../../src/results/summary.js';
import { sampleOf } from '../results/rows.js';

/**
 * The summary row of a made-up cell of four samples against a baseline at 400 ms each.
 *
 * @param correct How many of the four are right.
 * @param ms Of each sample, so that the rate's interval has no width.
 * @param change Columns to be replaced, and how many samples failed.
 */
export function rowOf(
  method: string,
  benchmark: string,
  correct: number,
  ms: number,
  { errors = 0, ...change }: Partial<SummaryRow> = {},
): SummaryRow {
  const key: CellKey = {
    experiment: 'table1',
    model: 'reference',
    method,
    benchmark,
    profile: 'mini',
    seed: '1',
    limit: 4,
    configSha256: '',
    modelSha256: '',
    dataSha256: '',
  };
  const failed = errors ?? 0;
  const make = (denoiseMs: number) =>
    ['a', 'b', 'c', 'd'].map((name, i) =>
      sampleOf(name, {
        correct: i < correct,
        error: i >= 4 - failed ? 'stalled' : null,
        output: { timings: { prefillMs: 1, denoiseMs } },
      }),
    );
  const row = summariseCell({ key, samples: make(ms), baseline: make(400), eosId: 0 });
  // Verdicts and intervals of speeds are said outright: how they come about is tested elsewhere.
  const { tps, speedup } = row;
  const intervals = { tps_low: tps, tps_high: tps, speedup_low: speedup, speedup_high: speedup };
  return { ...row, ...intervals, verdict: '', ...change };
}

/** A made-up cell of a sweep: `rowOf` under the label that its swept values give it. */
export function sweepCell(
  method: string,
  params: SweepCell['params'],
  benchmark: string,
  correct: number,
  ms: number,
  change: Partial<SummaryRow> = {},
): SweepCell {
  const inside = Object.entries(params).map(([path, value]) => `${path}=${value}`);
  const label = inside.length === 0 ? method : `${method}[${inside.join(',')}]`;
  return { row: rowOf(label, benchmark, correct, ms, change), params };
}
