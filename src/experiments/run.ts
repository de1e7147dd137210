import { rmdir } from 'node:fs/promises';
import { chosenSavings } from '../config/engine-options.js';
import type { ExperimentPlan } from '../config/experiment-plan.js';
import { InterruptedError } from '../decoding/errors.js';
import type { DeviceFacts } from '../engine/device.js';
import type { Clock } from '../measure/clock.js';
import type { WallClock } from '../measure/wall-clock.js';
import { certificatesDir as defaultCertificatesDir } from '../results/certificate.js';
import type { SummaryRow } from '../results/columns.js';
import { writeSummary } from '../results/csv.js';
import { type LongCanvases, type Manifest, writeManifest } from '../results/manifest.js';
import { type RepeatRow, repeatFormat } from '../results/repeats.js';
import { RowLog } from '../results/row-log.js';
import { type SampleRow, sampleFormat } from '../results/samples.js';
import { type ScoreRow, writeScores } from '../results/scores.js';
import type { PythonBackend } from '../sandbox/backend.js';
import { pyodideBackend } from '../sandbox/run.js';
import { type OpenModel, openModel } from './loaded-model.js';
import { checkResumable, planSha256, startManifest } from './manifest.js';
import { type PlannedGroup, planGroups } from './plan.js';
import type { RunEvent } from './progress.js';
import { findLongCanvases } from './room.js';
import { openRunDir, type RunDir, type RunFiles } from './run-dir.js';
import { runModels } from './run-models.js';
import { runThreads } from './run-threads.js';
import { SampleFiles } from './sample-files.js';
import type { Shard } from './shard.js';
import { summarise, summariseScores } from './summarise.js';
import { workerCount } from './workers.js';

export interface RunOptions {
  readonly plan: ExperimentPlan;
  readonly device: DeviceFacts;
  /** What runs model-written programs; the WebAssembly sandbox unless given. */
  readonly python?: PythonBackend;
  /** Where certificates of devices are looked for; default: below the current folder. */
  readonly certificatesDir?: string;
  /** Threads of one operator; default: `runThreads`. */
  readonly threads?: number | undefined;
  /** Samples decoded beside each other; default one where speed is measured, else as many as there are cores. */
  readonly workers?: number | undefined;
  readonly shard?: Shard | undefined;
  /** Samples of each cell whose traces are kept; default none. */
  readonly traces?: number | undefined;
  readonly out?: string | undefined;
  readonly resume?: string | true | undefined;
  /** As typed, for the manifest. */
  readonly command: readonly string[];
  readonly clock: Clock;
  readonly now: WallClock;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

export interface RunResult {
  readonly files: RunFiles;
  readonly manifest: Manifest;
  readonly rows: readonly SummaryRow[];
  /** What every scorer says, the deciding one among them. */
  readonly scores: readonly ScoreRow[];
  /** False after an interruption: the rows are those of the finished samples. */
  readonly complete: boolean;
}

/**
 * Runs a plan, or takes it up again: decodes and scores sample by sample with the methods interleaved, repeats what
 * is not timed well enough yet, and writes manifest, samples, repeats, summary and scores. An interruption keeps what is
 * done.
 */
export async function runPlan(options: RunOptions): Promise<RunResult> {
  const { plan, shard, now } = options;
  const groups = await planGroups(plan, shard);
  const runDir = await openRunDir({
    experiment: plan.id,
    configSha256: planSha256(plan),
    shard,
    out: options.out,
    resume: options.resume,
    now,
  });
  const { files } = runDir;
  const logs: { close(): Promise<void> }[] = [];
  try {
    const models = await openModels(groups, options, runDir);
    for (const text of await dataNotices(groups)) options.onEvent?.({ kind: 'notice', text });
    const longCanvases = findLongCanvases(groups, models, options.device.device);
    for (const long of longCanvases) options.onEvent?.({ kind: 'long-canvases', ...long });
    let manifest = await manifestOf(options, groups, models, runDir, longCanvases);
    await writeManifest(files.manifest, manifest);
    const answers = await RowLog.open(files.samples, sampleFormat);
    logs.push(answers);
    const repeatLog = await RowLog.open(files.repeats, repeatFormat);
    logs.push(repeatLog);
    const kept = await SampleFiles.open(files, options.traces ?? 0);
    logs.push(kept);
    const samples: SampleRow[] = [...answers.rows];
    const repeats: RepeatRow[] = [...repeatLog.rows];
    const finish = async (state: Manifest['state']): Promise<void> => {
      manifest = { ...manifest, state, endedAt: now().toISOString() };
      await writeManifest(files.manifest, manifest);
    };
    let complete = true;
    try {
      await runModels({
        ...options,
        ...{ groups, models, answers, kept, repeatLog, samples, repeats },
        device: options.device.device,
        python: options.python ?? pyodideBackend(),
        workers: manifest.workers,
        measure: plan.points[0].experiment.measure,
        savings: chosenSavings(plan.points[0].experiment.engine),
        onEvent: options.onEvent ?? (() => undefined),
        onCanary: (model, denoiseMs) => {
          manifest = { ...manifest, canaries: [...manifest.canaries, { model, denoiseMs: [...denoiseMs] }] };
        },
      });
    } catch (error) {
      complete = false;
      await finish(error instanceof InterruptedError ? 'interrupted' : 'failed');
      if (!(error instanceof InterruptedError)) throw error;
    }
    const rows = await summarise(manifest, samples, repeats);
    await writeSummary(files.summary, rows);
    const scores = summariseScores(manifest, samples);
    await writeScores(files.scores, scores);
    if (complete) await finish('finished');
    return { files, manifest, rows, scores, complete };
  } catch (error) {
    // A run that cannot begin leaves no empty folder behind; rmdir refuses one with files.
    if (runDir.state === 'new') await rmdir(files.dir).catch(() => undefined);
    throw error;
  } finally {
    for (const log of logs) await log.close();
  }
}

/** What is odd about the data of a run. */
async function dataNotices(groups: readonly PlannedGroup[]): Promise<string[]> {
  const tasks = new Set(groups.map(({ task }) => task));
  const notices: string[] = [];
  for (const task of tasks) notices.push(...(await task.load()).notices);
  return notices;
}

/** Each model of the plan once, in the order of work. */
async function openModels(
  groups: readonly PlannedGroup[],
  { plan, threads: asked, workers, shard, device: { device }, clock }: RunOptions,
  runDir: RunDir,
): Promise<[OpenModel, ...OpenModel[]]> {
  const configs = new Map(groups.map(({ model }) => [model.dir, model]));
  const models: OpenModel[] = [];
  for (const config of configs.values()) models.push(await openModel(config, asked));
  const { timing } = plan.points[0].experiment.measure;
  const threads = await runThreads(
    models.map(({ checkpoint }) => checkpoint),
    {
      wanted: asked ?? (runDir.state === 'new' ? undefined : runDir.manifest.device.threads),
      alone: timing && (workers ?? 1) === 1 && shard === undefined,
      ...{ device, clock },
    },
  );
  const chosen = threads === undefined ? models : models.map((model) => ({ ...model, threads }));
  return chosen as [OpenModel, ...OpenModel[]];
}

/** The manifest of a new run, or that of the run that is taken up again. */
async function manifestOf(
  {
    plan,
    device,
    python = pyodideBackend(),
    shard,
    workers: wanted,
    command,
    now,
    onEvent,
    certificatesDir,
  }: RunOptions,
  groups: readonly PlannedGroup[],
  models: readonly [OpenModel, ...OpenModel[]],
  runDir: RunDir,
  longCanvases: readonly LongCanvases[],
): Promise<Manifest> {
  const { timing } = plan.points[0].experiment.measure;
  const workers = workerCount(models, { wanted, timing, device: device.device });
  if (wanted !== undefined && workers < wanted)
    onEvent?.({ kind: 'workers', wanted, workers, device: device.device });
  const fresh = await startManifest({
    ...{ plan, groups, models, device, python, shard, workers, longCanvases, command, now },
    certificatesDir: certificatesDir ?? defaultCertificatesDir,
  });
  if (runDir.state === 'new') return fresh;
  checkResumable(runDir.manifest, fresh, runDir.files.dir);
  const { manifest } = runDir;
  return { ...manifest, state: 'running', endedAt: null, workers, resumed: manifest.resumed + 1 };
}
