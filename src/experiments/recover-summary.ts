import { cellSha256, type ResolvedExperiment } from '../config/resolve-experiment.js';
import { isRecord } from '../config/schema-walk.js';
import { UsageError } from '../errors.js';
import { CsvTable } from '../formats/csv.js';
import { type SummaryColumn, summaryColumns } from '../results/columns.js';
import { formatCsv } from '../results/csv.js';
import { groupSamples } from '../results/diff/samples.js';
import type { Manifest } from '../results/manifest.js';
import type { SampleRow } from '../results/samples.js';
import { summariseCell } from '../results/summary.js';
import type { RunFiles } from './run-dir.js';

export interface RecoveredSummary {
  readonly csv: CsvTable;
  /** What needs the end-of-text id of the model, which no file of a run states. */
  readonly absent: readonly SummaryColumn[];
}

/**
 * The summary of a run that was killed before it wrote one, from its manifest and samples alone.
 *
 * @throws UsageError `RUN_NO_SUMMARY` where the manifest does not describe the cells
 */
export function recoverSummary(
  manifest: Manifest,
  samples: readonly SampleRow[],
  files: RunFiles,
): RecoveredSummary {
  const groups = groupSamples(samples);
  const { config, data, model } = manifest;
  const known = [...groups.values()].every(
    ([row]) => describesCells(config) && Object.hasOwn(config.methods, row!.method) && data[row!.benchmark],
  );
  if (!known || !describesCells(config) || samples.length === 0) {
    throw new UsageError(
      'RUN_NO_SUMMARY',
      `${files.dir} has no summary.csv yet; go on with it first: repro ${manifest.command.join(' ')} --resume ${files.dir}`,
    );
  }
  const rows = [...groups.values()].map((own) => {
    const { method, benchmark } = own[0]!;
    const baseline = samples.filter((row) => row.benchmark === benchmark && row.method === config.baseline);
    return summariseCell({
      key: {
        experiment: manifest.experiment,
        model: model.id,
        method,
        benchmark,
        profile: config.profile,
        seed: String(config.seed),
        limit: config.limit,
        configSha256: cellSha256(config, benchmark, method),
        modelSha256: model.sha256,
        dataSha256: data[benchmark]!.sha256,
      },
      samples: own,
      baseline,
      eosId: -1,
    });
  });
  return {
    csv: new CsvTable(formatCsv(summaryColumns, rows), files.samples),
    absent: ['agreement', 'identical'],
  };
}

/** Whether a manifest's config is one experiment, as this version resolves it. */
function describesCells(config: unknown): config is ResolvedExperiment {
  return (
    isRecord(config) &&
    ['methods', 'taskGeneration', 'perBenchmark'].every((key) => isRecord(config[key])) &&
    ['profile', 'baseline'].every((key) => typeof config[key] === 'string')
  );
}
