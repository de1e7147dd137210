import { join } from 'node:path';
import { cellSha256, type ResolvedExperiment } from '../config/resolve-experiment.js';
import { packageRoot } from '../paths.js';
import type { SummaryRow } from '../results/columns.js';
import { publishedFigures, readPaperRows } from '../results/paper.js';
import type { SampleRow } from '../results/samples.js';
import { summariseCell } from '../results/summary.js';
import type { LoadedModel } from './loaded-model.js';
import { cellId, type PlannedBenchmark } from './plan.js';

/** One summary row per cell that has samples, methods in the order of the experiment within each benchmark. */
export async function summarise(
  experiment: ResolvedExperiment,
  benchmarks: readonly PlannedBenchmark[],
  samples: readonly SampleRow[],
  model: Pick<LoadedModel, 'checkpoint' | 'sha256'>,
): Promise<SummaryRow[]> {
  const paper =
    experiment.paper === undefined ? [] : await readPaperRows(join(packageRoot, experiment.paper));
  const byCell = new Map<string, SampleRow[]>();
  for (const row of samples) byCell.set(row.cell, [...(byCell.get(row.cell) ?? []), row]);
  return benchmarks.flatMap(({ id, task }) =>
    Object.keys(experiment.methods).flatMap((method) => {
      const own = byCell.get(cellId(id, method));
      if (own === undefined) return [];
      const row = summariseCell({
        key: {
          experiment: experiment.id,
          model: experiment.model.id,
          method,
          benchmark: id,
          profile: experiment.profile,
          seed: String(experiment.seed),
          limit: experiment.limit,
          configSha256: cellSha256(experiment, id, method),
          modelSha256: model.sha256,
          dataSha256: task.dataSha256,
        },
        samples: own,
        baseline: byCell.get(cellId(id, experiment.baseline)) ?? [],
        eosId: model.checkpoint.dimensions.eosId,
        published: publishedFigures(paper, { method, benchmark: id }),
      });
      return [row];
    }),
  );
}
