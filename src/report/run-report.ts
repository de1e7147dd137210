import { join } from 'node:path';
import type { Json } from '../config/canonical.js';
import { isSweep, titleOn } from '../config/experiment-plan.js';
import type { SettingsId } from '../config/method.js';
import { sweepAxes } from '../config/sweep-axes.js';
import { counted } from '../counted.js';
import { packageRoot } from '../paths.js';
import type { SummaryRow } from '../results/columns.js';
import { asWritten } from '../results/csv.js';
import { longCanvasesText } from '../results/long-canvases.js';
import type { Manifest, ManifestCell } from '../results/manifest.js';
import { readPaperRows } from '../results/paper.js';
import type { ScoreRow } from '../results/scores.js';
import { listTasks, loadTask } from '../tasks/library.js';
import { gridReport } from './grid-table.js';
import type { ReportedExperiment, ReportedPlan } from './recorded-plan.js';
import type { Report } from './report.js';
import { scorerNotes } from './scorer-notes.js';
import { sweepReport } from './sweep-table.js';
import { shortName } from './swept.js';
import { buildTable1 } from './table1.js';
import { table1Report } from './table1-report.js';

export interface RunReportInput {
  readonly plan: ReportedPlan;
  readonly rows: readonly SummaryRow[];
  /** What every scorer says; only what has several is shown. */
  readonly scores?: readonly ScoreRow[];
  readonly manifest: Pick<Manifest, 'state' | 'cells' | 'shard'> &
    Partial<Pick<Manifest, 'device' | 'certificate' | 'longCanvases'>>;
}

/**
 * The report of a run, from its plan and its summary rows alone: an experiment in the layout of the paper's Table 1,
 * a sweep as plain lists or as grids. A run and its files give the same report.
 *
 * @throws UsageError for published figures that cannot be read.
 */
export async function runReport({
  plan,
  rows: exact,
  scores = [],
  manifest,
}: RunReportInput): Promise<Report> {
  const [point] = plan.points;
  const { experiment } = point;
  const rows = exact.map(asWritten);
  const benchmarkIds = [...new Set(plan.points.flatMap((one) => one.experiment.benchmarks))];
  const benchmarks = benchmarkIds.map((id) => ({ id, title: taskTitle(id, experiment.profile) }));
  const shown = new Set(experiment.groups.flatMap(({ methods }) => methods));
  const method = ({ method: id }: ScoreRow): string | undefined =>
    isSweep(plan) ? sweptLabel(id, plan) : shown.has(id) ? methodName(id, experiment) : undefined;
  const remarks = [
    ...scorerNotes(scores.map(asWritten), { benchmarks, method }),
    ...shardRemark(manifest),
    ...stateRemarks[manifest.state],
    ...verifiedRemark(manifest),
    ...(manifest.longCanvases ?? []).map(longCanvasesText),
  ];
  const where = titleOn(plan.title, manifest.device?.name ?? unnamedDevice);
  const title = `${where} (${titleNotes(plan).join(', ')})`;
  const precision = experiment.measure.precision;
  const paper =
    experiment.paper === undefined ? [] : await readPaperRows(join(packageRoot, experiment.paper));
  if (isSweep(plan)) {
    const cells = rows.map((row) => ({ row, params: paramsOf(row, plan, manifest.cells) }));
    const input = { title, cells, benchmarks, baseline: experiment.baseline, precision };
    const axes = sweepAxes(plan.points);
    if (experiment.layout !== 'grid' || axes.length < 1 || axes.length > 2)
      return sweepReport(input, remarks);
    const { show = ['accuracy', 'tps'] } = experiment;
    return gridReport({ ...input, axes, show, paper, name: (id) => methodName(id, experiment) }, remarks);
  }
  const view = buildTable1({
    title,
    groups: experiment.groups.map((group) => ({
      name: group.name,
      methods: group.methods.map((id) => ({ id, name: methodName(id, experiment) })),
    })),
    benchmarks,
    average: experiment.average,
    baseline: experiment.baseline,
    summary: rows,
    paper,
    precision,
  });
  return table1Report(view, remarks);
}

/** A part of a run has the title of the whole. */
function shardRemark({ shard }: Pick<Manifest, 'shard'>): string[] {
  if (shard === null) return [];
  return [`part ${shard.index} of ${shard.of} of the samples; repro merge joins the parts`];
}

/** How far the engine is known to be right on the device of the run; of a processor only what is certified. */
function verifiedRemark({ device, certificate }: RunReportInput['manifest']): string[] {
  if (certificate) {
    const { passed, failed, skipped, largestLogitDeviation: logits, createdAt } = certificate;
    const closeness = logits === null ? '' : `, largest logit deviation ${logits.toPrecision(2)}`;
    const of = passed + failed + skipped;
    return [
      `engine verified on this device: ${passed} of ${of} recorded vectors${closeness} (${createdAt.slice(0, 10)})`,
    ];
  }
  const kind = device?.kind ?? 'cpu';
  return kind === 'cpu'
    ? []
    : [`engine not verified on this device; type "repro verify DIR --device ${kind}"`];
}

/** Where no manifest tells it. */
const unnamedDevice = 'an unnamed device';

const stateRemarks: Readonly<Record<Manifest['state'], readonly string[]>> = {
  finished: [],
  running: ['not finished: the run is going on or was killed; figures are those of the samples until now'],
  interrupted: ['not finished: the run was interrupted; figures are those of the samples until then'],
  failed: ['not finished: the run failed; figures are those of the samples until then'],
};

/** Whose figures these are, on which tasks, and of how many samples: of a sweep what all points share. */
function titleNotes({ points }: ReportedPlan): string[] {
  const shared = (note: (experiment: ReportedExperiment) => string, several: string): string => {
    const notes = new Set(points.map(({ experiment }) => note(experiment)));
    return notes.size === 1 ? [...notes][0]! : several;
  };
  const models = new Set(points.map(({ experiment }) => modelNote(experiment)));
  return [
    [...models].join(' and '),
    shared(({ profile }) => `${profile} benchmarks`, 'several profiles'),
    shared(
      ({ limit }) => (limit === null ? 'all samples' : `${counted(limit, 'sample')} per benchmark`),
      'several numbers of samples',
    ),
  ];
}

/** Whose figures these are; and whose settings, where they are not the model's own. */
function modelNote({ model, settings }: ReportedExperiment): string {
  const who = model.titleNote ?? model.name;
  return settings === model.settings ? who : `${who} with the settings for ${settingsNames[settings]}`;
}

const settingsNames: Readonly<Record<SettingsId, string>> = {
  llada: 'LLaDA-8B-Instruct',
  'llada-1.5': 'LLaDA-1.5',
  dream: 'Dream-v0-Instruct-7B',
};

/** What tables print; with the id where two methods have one name. */
function methodName(id: string, { methods }: ReportedExperiment): string {
  const name = methods[id]?.name ?? id;
  const twins = Object.values(methods).filter((other) => other.name === name);
  return twins.length > 1 ? `${name} (${id})` : name;
}

/** The label of a swept cell; in a grid, whose notes name the paths, with their last names: `apd[alpha=0.1,beta=0.08]`. */
function sweptLabel(label: string, { points }: ReportedPlan): string {
  if (points[0].experiment.layout !== 'grid') return label;
  const paths = Object.keys(points[0].params);
  return paths.reduce((text, path) => text.replace(`${path}=`, () => `${shortName(path, paths)}=`), label);
}

/** The title of a benchmark; its id if this version of the package does not have it. */
function taskTitle(id: string, profile: string): string {
  const isKnown = listTasks().some((task) => task.id === id && task.profile === profile);
  return isKnown ? loadTask(id, profile).title : id;
}

/** The swept values of a row, in the order of the sweep; none for a row that the manifest does not know. */
function paramsOf(
  row: SummaryRow,
  { points }: ReportedPlan,
  cells: readonly ManifestCell[],
): Record<string, Json> {
  const cell = cells.find(
    ({ method, benchmark, configSha256, modelSha256 }) =>
      method === row.method &&
      benchmark === row.benchmark &&
      configSha256 === row.config_sha256 &&
      modelSha256 === row.model_sha256,
  );
  const paths = new Set(points.flatMap(({ params }) => Object.keys(params)));
  return Object.fromEntries(
    [...paths].flatMap((path) => {
      const value = cell?.params[path];
      return value === undefined ? [] : [[path, value]];
    }),
  );
}
