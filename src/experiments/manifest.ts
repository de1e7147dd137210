import { experimentSha256, type ResolvedExperiment } from '../config/resolve-experiment.js';
import { UsageError } from '../errors.js';
import { captureEnvironment } from '../measure/environment.js';
import type { WallClock } from '../measure/wall-clock.js';
import { packageRoot } from '../paths.js';
import { type Manifest, manifestSchemaVersion } from '../results/manifest.js';
import { sha256 } from '../tasks/samples.js';
import type { LoadedModel } from './loaded-model.js';
import type { PlannedBenchmark } from './plan.js';

export interface ManifestInput {
  readonly experiment: ResolvedExperiment;
  readonly model: LoadedModel;
  readonly benchmarks: readonly PlannedBenchmark[];
  readonly command: readonly string[];
  readonly now: WallClock;
}

/** The manifest of a run that begins. */
export async function startManifest(input: ManifestInput): Promise<Manifest> {
  const { experiment, model, benchmarks, command, now } = input;
  const files = await Promise.all(
    model.checkpoint.files.map(async (file) => ({
      name: file.name,
      bytes: file.bytes,
      sha256: await file.sha256(),
    })),
  );
  // The model's folder differs between machines and decides nothing: its digest stands below.
  const { dir: _, ...modelConfig } = experiment.model;
  return {
    schema: manifestSchemaVersion,
    experiment: experiment.id,
    command: [...command],
    config: { ...experiment, model: modelConfig },
    configSha256: experimentSha256(experiment),
    environment: await captureEnvironment(packageRoot),
    device: { name: model.engine.device, driver: null, threads: model.threads },
    model: { id: experiment.model.id, commit: null, sha256: model.sha256, files },
    data: Object.fromEntries(
      benchmarks.map(({ id, task }) => [
        id,
        { file: task.dataFile, sha256: task.dataSha256, promptTemplateSha256: task.promptSha256 },
      ]),
    ),
    chatTemplateSha256: model.chat === undefined ? null : sha256(model.chat.source),
    seeds: { order: String(experiment.seed) },
    startedAt: now().toISOString(),
    endedAt: null,
    state: 'running',
    resumed: 0,
  };
}

/**
 * Checks that a run can be taken up again: model, data and prompts must be those that it began with.
 * @throws UsageError `RUN_CHANGED`
 */
export function checkResumable(before: Manifest, now: Manifest, dir: string): void {
  const changed: string[] = [];
  if (before.model.sha256 !== now.model.sha256) changed.push('the model files');
  if (before.chatTemplateSha256 !== now.chatTemplateSha256) changed.push('the chat template');
  for (const [id, data] of Object.entries(now.data)) {
    if (before.data[id]?.sha256 !== data.sha256) changed.push(`the data of ${id}`);
    if (before.data[id]?.promptTemplateSha256 !== data.promptTemplateSha256)
      changed.push(`the prompt of ${id}`);
  }
  if (before.environment.onnxruntime !== now.environment.onnxruntime) changed.push('the onnxruntime version');
  if (before.device.threads !== now.device.threads) changed.push('the number of threads');
  if (changed.length === 0) return;
  throw new UsageError(
    'RUN_CHANGED',
    `cannot resume ${dir}: ${changed.join(', ')} changed since it began, so old and new rows would not compare; start a new run.`,
  );
}
