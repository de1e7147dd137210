import { join } from 'node:path';
import { methodOfLabel } from '../config/experiment-plan.js';
import { packageRoot } from '../paths.js';
import type { SummaryRow } from '../results/columns.js';
import type { Manifest } from '../results/manifest.js';
import { publishedFigures, readPaperRows } from '../results/paper.js';
import type { RepeatRow } from '../results/repeats.js';
import { byCell } from '../results/row-log.js';
import type { SampleRow } from '../results/samples.js';
import { type ScoreRow, scoreRows } from '../results/scores.js';
import { type CellInput, summariseCells } from '../results/summary.js';

/** The rows of scores.csv, from the files of a run alone: those of each cell that has samples, in the order of the plan. */
export function summariseScores(manifest: Manifest, samples: readonly SampleRow[]): ScoreRow[] {
  const samplesOf = byCell(samples);
  return scoreRows(
    manifest.cells.flatMap((cell) => {
      const own = samplesOf.get(cell.id);
      return own === undefined ? [] : [{ key: { ...cell, experiment: manifest.experiment }, samples: own }];
    }),
  );
}

/** The rows of summary.csv, from the files of a run alone: one per cell that has samples, in the order of the plan. */
export async function summarise(
  manifest: Manifest,
  samples: readonly SampleRow[],
  repeats: readonly RepeatRow[],
): Promise<SummaryRow[]> {
  const paper = manifest.paper === null ? [] : await readPaperRows(join(packageRoot, manifest.paper));
  const samplesOf = byCell(samples);
  const repeatsOf = byCell(repeats);
  const cells = manifest.cells.flatMap((cell): CellInput[] => {
    const own = samplesOf.get(cell.id);
    if (own === undefined) return [];
    const input = {
      key: { ...cell, experiment: manifest.experiment },
      samples: own,
      baseline: samplesOf.get(cell.baseline) ?? [],
      repeats: repeatsOf.get(cell.id) ?? [],
      baselineRepeats: repeatsOf.get(cell.baseline) ?? [],
      eosId: cell.eosId,
      published: publishedFigures(paper, {
        method: methodOfLabel(cell.method),
        benchmark: cell.benchmark,
        params: cell.params,
      }),
    };
    return [input];
  });
  return summariseCells(cells);
}
