import type { Manifest } from '../../results/manifest.js';
import type { Chart } from '../charts/chart.js';
import { drawSvg } from '../charts/draw.js';
import { publishedModels } from '../charts/published-models.js';
import { runCharts } from '../charts/run-charts.js';
import type { Report } from '../report.js';

/** A chart that a page shows, drawn twice: no width suits both a desk and a phone. */
export interface ChartPicture {
  readonly title: string;
  /** Whole SVG elements whose colours follow the page's custom properties. */
  readonly wide: string;
  readonly narrow: string;
}

/** In CSS pixels: a page on a desk without its edges, and one on a phone. */
const wideWidth = 1000;
const narrowWidth = 366;

/**
 * The charts of a run's page.
 *
 * @throws UsageError for published figures that cannot be read.
 */
export async function chartsOf(run: {
  readonly report: Report;
  readonly manifest: Manifest;
  /** Of the CSV files that the run may have beside its summary. */
  readonly charts?: readonly Chart[] | undefined;
}): Promise<ChartPicture[]> {
  const drawn = runCharts({ ...run, publishedModels: await publishedModels(run.manifest) });
  return Promise.all(
    [...drawn, ...(run.charts ?? [])].map(async (chart) => ({
      title: chart.title,
      wide: await drawSvg(chart, { width: wideWidth }),
      narrow: withIds(await drawSvg(chart, { width: narrowWidth }), chart.id, `${chart.id}-narrow`),
    })),
  );
}

/** Ids are those of the whole page, and it has both drawings. */
function withIds(svg: string, id: string, other: string): string {
  return ['title', 'desc'].reduce((text, part) => text.replaceAll(`${id}-${part}`, `${other}-${part}`), svg);
}
