import { rmdir } from 'node:fs/promises';
import { experimentSha256, type ResolvedExperiment } from '../config/resolve-experiment.js';
import { InterruptedError } from '../decoding/errors.js';
import type { Device } from '../engine/open.js';
import type { Clock } from '../measure/clock.js';
import type { WallClock } from '../measure/wall-clock.js';
import type { SummaryRow } from '../results/columns.js';
import { writeSummary } from '../results/csv.js';
import { type Manifest, writeManifest } from '../results/manifest.js';
import { SampleLog, type SampleRow } from '../results/samples.js';
import { createPythonRunner } from '../sandbox/runner.js';
import { type LoadedModel, loadModel } from './loaded-model.js';
import { checkResumable, startManifest } from './manifest.js';
import { cellId, interleaved, type PlannedBenchmark, type PlannedSample, planBenchmarks } from './plan.js';
import { Eta, type RunEvent } from './progress.js';
import { openRunDir, type RunFiles } from './run-dir.js';
import { runSample, type SampleContext } from './run-sample.js';
import { summarise } from './summarise.js';

export interface RunOptions {
  readonly experiment: ResolvedExperiment;
  readonly device: Device;
  /** Threads of one operator; default by the size of the model. */
  readonly threads?: number | undefined;
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
  readonly benchmarks: readonly PlannedBenchmark[];
  readonly rows: readonly SummaryRow[];
  /** False after an interruption: the rows are those of the finished samples. */
  readonly complete: boolean;
}

/**
 * Runs an experiment, or takes one up again: plans, warms up, decodes and scores sample by sample with the
 * methods interleaved, and writes manifest, samples and summary. An interruption keeps what is done.
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { experiment, device, threads, command, now } = options;
  const benchmarks = planBenchmarks(experiment);
  const runDir = await openRunDir({
    experiment: experiment.id,
    configSha256: experimentSha256(experiment),
    out: options.out,
    resume: options.resume,
    now,
  });
  const { files } = runDir;
  const model = await loadModel(experiment.model.dir, device, threads).catch(async (error: unknown) => {
    // A run that cannot begin leaves no empty folder behind.
    if (runDir.state === 'new') await rmdir(files.dir).catch(() => undefined);
    throw error;
  });
  try {
    let manifest = await startManifest({ experiment, model, benchmarks, command, now });
    if (runDir.state === 'resumed') {
      checkResumable(runDir.manifest, manifest, files.dir);
      manifest = {
        ...runDir.manifest,
        state: 'running',
        endedAt: null,
        resumed: runDir.manifest.resumed + 1,
      };
    }
    await writeManifest(files.manifest, manifest);
    const log = await SampleLog.open(files.samples);
    const finish = async (state: Manifest['state']): Promise<void> => {
      manifest = { ...manifest, state, endedAt: now().toISOString() };
      await writeManifest(files.manifest, manifest);
    };
    const samples: SampleRow[] = [...log.rows];
    let complete = true;
    try {
      await work(options, benchmarks, model, log, samples);
    } catch (error) {
      complete = false;
      await finish(error instanceof InterruptedError ? 'interrupted' : 'failed');
      if (!(error instanceof InterruptedError)) throw error;
    } finally {
      await log.close();
    }
    const rows = await summarise(experiment, benchmarks, samples, model);
    await writeSummary(files.summary, rows);
    if (complete) await finish('finished');
    return { files, manifest, benchmarks, rows, complete };
  } finally {
    await model.engine.close().catch(() => undefined);
  }
}

/** Does what is left of the plan and adds the rows to `samples` and to the log. */
async function work(
  options: RunOptions,
  benchmarks: readonly PlannedBenchmark[],
  model: LoadedModel,
  log: SampleLog,
  samples: SampleRow[],
): Promise<void> {
  const { experiment, clock, signal, onEvent = () => undefined } = options;
  const context: SampleContext = {
    model,
    methods: experiment.methods,
    python: createPythonRunner(),
    clock,
    ...(signal === undefined ? {} : { signal }),
  };
  const key = (cell: string, sample: string) => `${cell}\n${sample}`;
  const done = new Set(samples.map((row) => key(row.cell, row.sample)));
  const plan = [...interleaved(benchmarks, Object.keys(experiment.methods))];
  const left = plan.filter(
    ({ benchmark, method, sample }) => !done.has(key(cellId(benchmark.id, method), sample.id)),
  );
  const total = plan.length;
  if (left.length < total || log.repairedBytes > 0) {
    onEvent({ kind: 'resumed', done: total - left.length, total, repairedBytes: log.repairedBytes });
  }
  if (left.length === 0) return;

  await warmUp(left, context, onEvent);
  const eta = new Eta();
  const leftByCell = new Map<string, number>();
  for (const { benchmark, method } of left) {
    const cell = cellId(benchmark.id, method);
    leftByCell.set(cell, (leftByCell.get(cell) ?? 0) + 1);
  }
  for (const planned of left) {
    if (signal?.aborted) throw new InterruptedError();
    const started = clock();
    const row = await runSample(planned, context);
    await log.append(row);
    samples.push(row);
    eta.add(row.cell, clock() - started);
    leftByCell.set(row.cell, leftByCell.get(row.cell)! - 1);
    onEvent({
      kind: 'sample',
      benchmark: row.benchmark,
      method: row.method,
      done: samples.length,
      total,
      remainingMs: eta.remainingMs(leftByCell),
      error: row.error,
    });
  }
}

/** Decodes the first sample once per method without keeping it: sessions are made and packed before the clock counts. */
async function warmUp(
  left: readonly PlannedSample[],
  context: SampleContext,
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  const methods = [...new Set(left.map(({ method }) => method))];
  for (const [index, method] of methods.entries()) {
    onEvent({ kind: 'warm-up', method, index, of: methods.length });
    await runSample({ ...left[0]!, method }, context);
  }
}
