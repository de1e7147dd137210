import { join } from 'node:path';
import { exists } from '../../formats/files.js';
import type { Manifest } from '../../results/manifest.js';
import type { Chart } from './chart.js';
import { type ChartManifest, factsText } from './facts.js';
import { type FigureRow, readFigureRows } from './figure-rows.js';
import { figure2Charts } from './figure2-charts.js';
import { figure4Charts } from './figure4-charts.js';
import { figure5Charts } from './figure5-charts.js';
import { figure7Charts } from './figure7-charts.js';
import { tauCharts } from './tau-charts.js';
import { waitsChart } from './waits-chart.js';

type Draw = (rows: readonly FigureRow[], subtitle: string) => Chart[];

/** What is drawn of each CSV file, by its name. */
const files: Readonly<Record<string, Draw>> = {
  'figure2.csv': figure2Charts,
  'figure2e.csv': (rows, subtitle) => waitsChart(rows, 'figure2e', subtitle),
  'figure4.csv': figure4Charts,
  'figure5.csv': figure5Charts,
  'figure7.csv': figure7Charts,
  'figure7-waits.csv': (rows, subtitle) => waitsChart(rows, 'figure7-waits', subtitle),
  'tau.csv': tauCharts,
};

/**
 * The pictures of a folder's own CSV files: those of a figure, and `tau.csv` of a run. None where there is no such file.
 *
 * @throws UsageError for a file that is not what its name says.
 */
export async function readFigureCharts(
  dir: string,
  manifest: ChartManifest & Pick<Manifest, 'config'>,
): Promise<readonly Chart[]> {
  const subtitle = factsText(samplesText(manifest), manifest);
  const charts: Chart[] = [];
  for (const [name, draw] of Object.entries(files)) {
    const path = join(dir, name);
    if (await exists(path)) charts.push(...draw(await readFigureRows(path), subtitle));
  }
  return charts;
}

/** `n = 4 gsm8k, 4 math`: the samples of each benchmark. */
function samplesText({ cells, state }: ChartManifest): string {
  const counts = new Map(cells.map(({ benchmark, samples }) => [benchmark, samples]));
  const listed = [...counts].map(([benchmark, samples]) => `${samples} ${benchmark}`);
  return `n ${state === 'finished' ? '=' : '<='} ${listed.join(', ')}`;
}
