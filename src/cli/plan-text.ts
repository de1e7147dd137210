import { join } from 'node:path';
import type { ExperimentPlan } from '../config/experiment-plan.js';
import type { SettingsId } from '../config/method.js';
import type { ResolvedExperiment } from '../config/resolve-experiment.js';
import { packageRoot } from '../paths.js';
import { buildTable1 } from '../report/table1.js';
import { renderTable1 } from '../report/terminal.js';
import type { SummaryRow } from '../results/columns.js';
import type { Manifest } from '../results/manifest.js';
import { readPaperRows } from '../results/paper.js';
import { loadTask } from '../tasks/task.js';

/** Columns of the table where stdout is no terminal: what logs and editors show without wrapping. */
const plainWidth = 120;

/** The table of a run, for the terminal. */
export async function planText(
  plan: ExperimentPlan,
  rows: readonly SummaryRow[],
  _manifest: Manifest,
): Promise<string> {
  const [{ experiment }] = plan.points;
  const samples = experiment.limit === null ? 'all samples' : `${experiment.limit} samples per benchmark`;
  const view = buildTable1({
    title: `${experiment.title} (${modelNote(experiment)}, ${experiment.profile} benchmarks, ${samples})`,
    groups: experiment.groups.map((group) => ({
      name: group.name,
      methods: group.methods.map((id) => ({ id, name: experiment.methods[id]!.name })),
    })),
    benchmarks: experiment.benchmarks.map((id) => ({
      id,
      title: loadTask(id, experiment.profile).spec.title,
    })),
    average: experiment.average,
    baseline: experiment.baseline,
    summary: rows,
    paper: experiment.paper === undefined ? [] : await readPaperRows(join(packageRoot, experiment.paper)),
  });
  return renderTable1(view, process.stdout.isTTY ? process.stdout.columns : plainWidth);
}

/** Whose figures these are; and whose settings, where they are not the model's own. */
function modelNote({ model, settings }: ResolvedExperiment): string {
  const who = model.titleNote ?? model.name;
  return settings === model.settings ? who : `${who} with the settings for ${settingsNames[settings]}`;
}

const settingsNames: Readonly<Record<SettingsId, string>> = {
  llada: 'LLaDA-8B-Instruct',
  'llada-1.5': 'LLaDA-1.5',
  dream: 'Dream-v0-Instruct-7B',
};
