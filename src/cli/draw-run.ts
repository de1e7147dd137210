import { runFiles } from '../experiments/run-dir.js';
import { exists } from '../formats/files.js';
import type { Chart } from '../report/charts/chart.js';
import { readFigureCharts } from '../report/charts/figure-charts.js';
import { publishedModels } from '../report/charts/published-models.js';
import { runCharts } from '../report/charts/run-charts.js';
import { writeCharts } from '../report/charts/write.js';
import type { Report } from '../report/report.js';
import { type Manifest, readManifest } from '../results/manifest.js';

/** Draws the folder of a figure, which has no table. @returns false for another folder, of which nothing is done. */
export async function drawFigure(run: string, dir: string): Promise<boolean> {
  const path = runFiles(run).manifest;
  if (!(await exists(path))) return false;
  const manifest = await readManifest(path);
  if (!('figure' in manifest.config)) return false;
  await writeAll(await readFigureCharts(run, manifest), dir);
  return true;
}

/** Draws the figures of a run, and those of the CSV files that it may have beside its summary. */
export async function drawRun(
  report: Report,
  manifest: Manifest,
  { run, dir }: { readonly run: string; readonly dir: string },
): Promise<void> {
  const charts = runCharts({ report, manifest, publishedModels: await publishedModels(manifest) });
  await writeAll([...charts, ...(await readFigureCharts(run, manifest))], dir);
}

async function writeAll(charts: readonly Chart[], dir: string): Promise<void> {
  if (charts.length === 0) {
    process.stderr.write('repro: there is nothing to draw: the run has no speeds and no swept settings\n');
    return;
  }
  const { length } = await writeCharts(charts, dir);
  process.stderr.write(`repro: ${length} ${length === 1 ? 'figure is' : 'figures are'} in ${dir}\n`);
}
