import { rowNfe } from '../decoding/rows.js';
import { mean, sum } from '../stats/summary.js';
import { wilsonInterval } from '../stats/wilson.js';
import { agreement } from './agreement.js';
import { type SummaryRow, summarySchemaVersion } from './columns.js';
import { type PairedColumns, pairedColumns } from './paired.js';
import { certaintyLabel, type PublishedFigures } from './paper.js';
import type { RepeatRow } from './repeats.js';
import { isCorrect, type SampleOutput, type SampleRow } from './samples.js';
import { speed } from './speed.js';
import { type TimedSample, timedSamples } from './timings.js';

/** What tells one cell of a run from all others, anywhere. */
export interface CellKey {
  readonly experiment: string;
  readonly model: string;
  readonly method: string;
  readonly benchmark: string;
  readonly profile: string;
  readonly seed: string;
  readonly limit: number | null;
  readonly configSha256: string;
  readonly modelSha256: string;
  readonly dataSha256: string;
}

export interface CellInput {
  readonly key: CellKey;
  readonly samples: readonly SampleRow[];
  /** The vanilla samples of the same model, benchmark and seed; the cell's own for vanilla. */
  readonly baseline: readonly SampleRow[];
  /** Of the cell and of the baseline's; none if nothing was repeated. */
  readonly repeats?: readonly RepeatRow[];
  readonly baselineRepeats?: readonly RepeatRow[];
  readonly eosId: number;
  readonly published?: PublishedFigures;
}

/**
 * The rows of summary.csv of the cells of a run, in their order. Verdicts depend on the other cells with the same
 * baseline, see `pairedColumns`; all else is each cell's own.
 */
export function summariseCells(cells: readonly CellInput[]): SummaryRow[] {
  const paired = pairedColumns(cells);
  return cells.map((cell, i) => rowOf(cell, paired[i]!));
}

/** The row of a cell that stands alone beside its baseline. */
export function summariseCell(cell: CellInput): SummaryRow {
  return summariseCells([cell])[0]!;
}

function rowOf(input: CellInput, paired: PairedColumns): SummaryRow {
  const { key, samples, baseline, repeats = [], baselineRepeats = [], eosId, published } = input;
  const reference = new Map(baseline.map((row) => [row.sample, row]));
  return {
    schema: summarySchemaVersion,
    experiment: key.experiment,
    model: key.model,
    method: key.method,
    benchmark: key.benchmark,
    profile: key.profile,
    seed: key.seed,
    limit: key.limit,
    config_sha256: key.configSha256,
    model_sha256: key.modelSha256,
    data_sha256: key.dataSha256,
    ...accuracyColumns(samples),
    ...agreementColumns(samples, reference, eosId),
    ...workColumns(samples),
    ...speedColumns(timedSamples(samples, repeats), timedSamples(baseline, baselineRepeats)),
    peak_memory_bytes: peakMemoryBytes(samples),
    ...paired,
    paper_accuracy: published?.accuracy?.value ?? null,
    paper_tps: published?.tps?.value ?? null,
    paper_speedup: published?.speedup?.value ?? null,
    paper_certainty: certaintyLabel(published),
  };
}

function accuracyColumns(samples: readonly SampleRow[]) {
  const n = samples.length;
  const correct = samples.filter(isCorrect).length;
  const { low, high } = wilsonInterval(correct, n);
  return {
    n,
    errors: samples.filter(({ error }) => error !== null).length,
    correct,
    accuracy: n === 0 ? null : correct / n,
    accuracy_low: n === 0 ? null : low,
    accuracy_high: n === 0 ? null : high,
  };
}

function agreementColumns(
  samples: readonly SampleRow[],
  reference: ReadonlyMap<string, SampleRow>,
  eosId: number,
) {
  const shares = agreement(samples, reference, eosId);
  return { agreement: shares?.positions ?? null, identical: shares?.identical ?? null };
}

/** Means per generated sample, except for token counts, which are sums, and FLOPs, which are per canvas token. */
function workColumns(samples: readonly SampleRow[]) {
  const outputs = samples.map(({ output }) => output).filter((output) => output !== null);
  const total = (pick: (output: SampleOutput) => number): number => sum(outputs.map(pick));
  const average = (pick: (output: SampleOutput) => number): number | null =>
    outputs.length === 0 ? null : mean(outputs.map(pick));
  const canvas = total(({ tokens }) => tokens.canvas);
  const perToken = (value: number): number | null => (canvas === 0 ? null : value / canvas);
  const nfe = total((output) => output.nfe);
  const hasText = outputs.length > 0 && outputs.every(({ tokens }) => tokens.retokenised !== null);
  return {
    nfe_mean: average((output) => output.nfe),
    row_nfe_mean: average(({ rows }) => rowNfe(rows)),
    flops_per_token: perToken(total((output) => output.flops)),
    tokens_canvas: canvas,
    tokens_to_eos: total(({ tokens }) => tokens.toEos),
    tokens_non_eos: total(({ tokens }) => tokens.nonEos),
    tokens_retokenised: hasText ? total(({ tokens }) => tokens.retokenised!) : null,
    tokens_per_step: nfe === 0 ? null : canvas / nfe,
    nfe_executed: average((output) => output.nfeExecuted),
    row_nfe_executed: average(({ rowsExecuted }) => rowNfe(rowsExecuted)),
    flops_executed: perToken(total((output) => output.flopsExecuted)),
  };
}

function speedColumns(timed: readonly TimedSample[], baseline: readonly TimedSample[]) {
  const measured = speed(timed, baseline);
  return {
    tps: measured?.tps ?? null,
    tps_low: measured?.tpsInterval?.low ?? null,
    tps_high: measured?.tpsInterval?.high ?? null,
    tps_to_eos: measured?.tpsToEos ?? null,
    tps_non_eos: measured?.tpsNonEos ?? null,
    tps_with_prompt: measured?.tpsWithPrompt ?? null,
    latency_s: measured?.latencySeconds ?? null,
    speedup: measured?.speedup ?? null,
    speedup_low: measured?.speedupInterval?.low ?? null,
    speedup_high: measured?.speedupInterval?.high ?? null,
  };
}

function peakMemoryBytes(samples: readonly SampleRow[]): number | null {
  const bytes = samples.flatMap(({ output }) => output?.peakMemoryBytes ?? []);
  return bytes.length === 0 ? null : Math.max(...bytes);
}
