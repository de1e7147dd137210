import type { Manifest } from '../../results/manifest.js';
import type { Report } from '../report.js';

/** A chart that a page shows. */
export interface ChartPicture {
  readonly title: string;
  /** A whole SVG element whose colours follow the page's custom properties. */
  readonly svg: string;
}

/** The charts of a run's page. */
export async function chartsOf(_run: {
  readonly report: Report;
  readonly manifest: Manifest;
}): Promise<ChartPicture[]> {
  return [];
}
