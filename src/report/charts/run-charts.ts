import type { Report } from '../report.js';
import type { Chart } from './chart.js';
import type { ChartManifest } from './facts.js';
import { speedAccuracy } from './scatter.js';
import { speedBars, speedupBars } from './speed-bars.js';
import { sweepCharts } from './sweep-charts.js';

export interface RunChartsInput {
  readonly report: Report;
  readonly manifest: ChartManifest;
  /**
   * Ids of the models that the published figures are for. Published speed-ups are drawn beside those of the same
   * model alone; without it, or for another model, a note names them.
   */
  readonly publishedModels?: readonly string[];
}

/**
 * The pictures of a run, from its report and manifest alone: what stands in no table is in no picture. A picture for
 * which the run has no figures is left out.
 */
export function runCharts(input: RunChartsInput): readonly Chart[] {
  return [...speedBars(input), ...speedupBars(input), ...speedAccuracy(input), ...sweepCharts(input)];
}
