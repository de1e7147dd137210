import { canonicalSha256 } from '../config/canonical.js';
import { type ExperimentPlan, isSweep } from '../config/experiment-plan.js';
import { experimentSha256, type ResolvedExperiment } from '../config/resolve-experiment.js';
import type { DeviceFacts } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { captureEnvironment } from '../measure/environment.js';
import type { WallClock } from '../measure/wall-clock.js';
import { packageRoot } from '../paths.js';
import { findCertificate } from '../results/certificate.js';
import {
  deviceKind,
  gpuName,
  type LongCanvases,
  type Manifest,
  type ManifestCell,
  manifestSchemaVersion,
} from '../results/manifest.js';
import type { PythonBackend } from '../sandbox/backend.js';
import { sha256 } from '../tasks/samples.js';
import type { OpenModel } from './loaded-model.js';
import type { PlannedGroup } from './plan.js';
import type { Shard } from './shard.js';

export interface ManifestInput {
  readonly plan: ExperimentPlan;
  readonly groups: readonly PlannedGroup[];
  readonly models: readonly [OpenModel, ...OpenModel[]];
  readonly device: DeviceFacts;
  readonly python: PythonBackend;
  readonly shard: Shard | undefined;
  readonly workers: number;
  readonly longCanvases: readonly LongCanvases[];
  readonly command: readonly string[];
  /** Folder of certificates. */
  readonly certificatesDir: string;
  readonly now: WallClock;
}

/** The manifest of a run that begins. */
export async function startManifest(input: ManifestInput): Promise<Manifest> {
  const { plan, groups, models, device, python, shard, workers, command, certificatesDir, now } = input;
  const { longCanvases } = input;
  const [{ experiment }] = plan.points;
  const [model] = models;
  const environment = await captureEnvironment(packageRoot);
  const modelEntries = await Promise.all(models.map(modelEntry));
  return {
    schema: manifestSchemaVersion,
    experiment: plan.id,
    command: [...command],
    config: configOf(plan),
    configSha256: planSha256(plan),
    environment,
    device: { kind: device.device, name: device.name, driver: device.driver, threads: model.threads },
    python: await pythonOf(python, groups),
    certificate: await findCertificate(certificatesDir, device, environment.onnxruntime),
    model: modelEntries[0]!,
    models: modelEntries,
    data: await dataOf(groups),
    ...(longCanvases.length === 0 ? {} : { longCanvases: [...longCanvases] }),
    cells: groups.flatMap((group) => cellsOf(group, models)),
    chatTemplateSha256: model.chat === undefined ? null : sha256(model.chat.source),
    seeds: { order: String(experiment.seed) },
    shard: shard === undefined ? null : { ...shard },
    workers,
    canaries: [],
    paper: experiment.paper ?? null,
    startedAt: now().toISOString(),
    endedAt: null,
    state: 'running',
    resumed: 0,
  };
}

/** What runs the programs of the plan; null where it has none. */
async function pythonOf(
  python: PythonBackend,
  groups: readonly PlannedGroup[],
): Promise<NonNullable<Manifest['python']> | null> {
  const scorers = groups.flatMap(({ task }) => [...task.scorers]);
  if (!scorers.some(({ metric }) => metric.kind === 'tests-pass')) return null;
  return python.describe(python.limits);
}

/** Hex sha256 of everything that decides the numbers of a plan. */
export function planSha256(plan: ExperimentPlan): string {
  if (!isSweep(plan)) return experimentSha256(plan.points[0].experiment);
  return canonicalSha256(
    plan.points.map((point) => ({ params: point.params, sha256: experimentSha256(point.experiment) })),
  );
}

/** The resolved experiment; of a sweep its points. */
function configOf(plan: ExperimentPlan): Record<string, unknown> {
  const { id, title, points } = plan;
  if (!isSweep(plan)) return settingsOf(points[0].experiment);
  return {
    id,
    title,
    points: points.map((point) => ({ params: point.params, experiment: settingsOf(point.experiment) })),
  };
}

/**
 * The model's folder differs between machines and decides nothing: its digest stands beside the config. What
 * `repro explain` says of a method is no setting.
 */
function settingsOf(experiment: ResolvedExperiment): Record<string, unknown> {
  const { dir: _, ...model } = experiment.model;
  const methods = Object.entries(experiment.methods).map(([key, { id, name, cache, unmask }]) => [
    key,
    { id, name, cache, unmask },
  ]);
  return { ...experiment, model, methods: Object.fromEntries(methods) };
}

async function modelEntry({ config, checkpoint, sha256 }: OpenModel): Promise<Manifest['model']> {
  const files = await Promise.all(
    checkpoint.files.map(async (file) => ({
      name: file.name,
      bytes: file.bytes,
      sha256: await file.sha256(),
    })),
  );
  return { id: config.id, commit: null, sha256, files };
}

/** Above that, a list of files says no more than their digest does. */
const mostListedFiles = 64;

async function dataOf(groups: readonly PlannedGroup[]): Promise<Manifest['data']> {
  const profiles = new Set(groups.map(({ profile }) => profile));
  const data: Manifest['data'] = {};
  for (const { benchmark, profile, task } of groups) {
    const { shots } = await task.load();
    const files = task.dataFiles;
    data[profiles.size === 1 ? benchmark : `${benchmark}.${profile}`] = {
      file: task.dataFile,
      sha256: task.dataSha256,
      promptTemplateSha256: task.promptSha256,
      ...(task.packaged ? {} : { files: files.length > mostListedFiles ? [] : [...files] }),
      ...(shots === null ? {} : { shots }),
    };
  }
  return data;
}

function cellsOf(group: PlannedGroup, models: readonly OpenModel[]): ManifestCell[] {
  const model = models.find(({ config }) => config.dir === group.model.dir)!;
  return group.cells.map((cell) => ({
    id: cell.id,
    model: group.model.id,
    method: cell.label,
    params: { ...cell.params } as ManifestCell['params'],
    benchmark: group.benchmark,
    profile: group.profile,
    seed: String(group.seed),
    limit: group.limit,
    configSha256: cell.configSha256,
    modelSha256: model.sha256,
    dataSha256: group.task.dataSha256,
    eosId: model.checkpoint.dimensions.eosId,
    baseline: cell.baseline,
    samples: group.totalSamples,
  }));
}

const pythonFact = 'the Python that runs programs';

/** What decides answers and must be the same in runs whose rows stand together, by name. */
export function answerFacts(manifest: Manifest): Record<string, string> {
  const facts: Record<string, string> = {
    'the configuration': manifest.configSha256,
    'the chat template': String(manifest.chatTemplateSha256),
    'the onnxruntime version': manifest.environment.onnxruntime,
    'the version of repro': manifest.environment.repro,
    'the device': deviceKind(manifest),
    'the number of threads': String(manifest.device.threads),
  };
  const { python } = manifest;
  if (python != null) facts[pythonFact] = Object.values(python).join(', ');
  for (const { id, sha256: digest } of manifest.models) facts[`the files of model ${id}`] = digest;
  for (const [id, data] of Object.entries(manifest.data)) {
    facts[`the data of ${id}`] = data.sha256;
    facts[`the prompt of ${id}`] = data.promptTemplateSha256;
    if (data.shots !== undefined) facts[`the examples of ${id}`] = data.shots.sha256;
  }
  return facts;
}

/** Names of the facts in which two manifests disagree. */
export function disagreements(a: Manifest, b: Manifest): string[] {
  const [factsA, factsB] = [answerFacts(a), answerFacts(b)];
  const names = new Set([...Object.keys(factsA), ...Object.keys(factsB)]);
  // Older files do not say it, and are not taken for different because of that.
  if (a.python == null || b.python == null) names.delete(pythonFact);
  return [...names].filter((name) => factsA[name] !== factsB[name]);
}

/** `cpu`, or `webgpu on <GPU>`. */
function deviceText(manifest: Manifest): string {
  const gpu = gpuName(manifest);
  return gpu === null ? deviceKind(manifest) : `${deviceKind(manifest)} on ${gpu}`;
}

/**
 * Checks that a run can be taken up again: device, model, data and prompts must be those that it began with.
 * @throws UsageError `RUN_CHANGED`
 */
export function checkResumable(before: Manifest, now: Manifest, dir: string): void {
  const changed = disagreements(before, now).filter((name) => name !== 'the device');
  const [deviceThen, deviceNow] = [deviceText(before), deviceText(now)];
  if (deviceThen !== deviceNow) changed.unshift(`the device (${deviceThen} then, ${deviceNow} now)`);
  if (before.shard?.index !== now.shard?.index || before.shard?.of !== now.shard?.of) {
    changed.push('the shard');
  }
  if (changed.length === 0) return;
  throw new UsageError(
    'RUN_CHANGED',
    `cannot resume ${dir}: ${changed.join(', ')} changed since it began, so old and new rows would not compare; start a new run.`,
  );
}
