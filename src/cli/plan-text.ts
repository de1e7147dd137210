import type { ExperimentPlan } from '../config/experiment-plan.js';
import { runReport } from '../report/run-report.js';
import type { SummaryRow } from '../results/columns.js';
import type { Manifest } from '../results/manifest.js';
import { reportText } from './report-text.js';

/** The table of a run, for the terminal: what `repro report` prints of its files. */
export async function planText(
  plan: ExperimentPlan,
  rows: readonly SummaryRow[],
  manifest: Manifest,
): Promise<string> {
  return reportText(await runReport({ plan, rows, manifest }), process.stdout);
}
