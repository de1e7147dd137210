import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExperimentPlan } from '../../config/experiment-plan.js';
import type { DeviceFacts } from '../../engine/device.js';
import type { Clock } from '../../measure/clock.js';
import type { WallClock } from '../../measure/wall-clock.js';
import { readFigureCharts } from '../../report/charts/figure-charts.js';
import { writeCharts } from '../../report/charts/write.js';
import { certificatesDir } from '../../results/certificate.js';
import { writeCsv } from '../../results/csv.js';
import { longCanvasesText } from '../../results/long-canvases.js';
import { type Manifest, writeManifest } from '../../results/manifest.js';
import { pyodideBackend } from '../../sandbox/run.js';
import { type LoadedModel, type OpenModel, openModel, withEngines } from '../loaded-model.js';
import { planSha256, startManifest } from '../manifest.js';
import { type PlannedGroup, planGroups } from '../plan.js';
import { findLongCanvases } from '../room.js';
import { createRunDir, defaultRunDir, type RunFiles } from '../run-dir.js';
import { templateNotices } from '../template-notices.js';
import type { FigureResult } from './study.js';

/** What every study needs, beside what it measures. */
export interface StudyOptions {
  readonly plan: ExperimentPlan;
  readonly device: DeviceFacts;
  readonly threads?: number | undefined;
  readonly out?: string | undefined;
  /** As typed, for the manifest. */
  readonly command: readonly string[];
  readonly clock: Clock;
  readonly now: WallClock;
  readonly signal?: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
}

/** What comes of a study, in files and for the terminal. */
export interface FigureRun {
  readonly files: RunFiles;
  readonly manifest: Manifest;
  /** Paths of the CSV files, in the order of the tables. */
  readonly csv: readonly string[];
  /** Paths of the pictures of these files. */
  readonly svg: readonly string[];
  /** Samples that were decoded. */
  readonly samples: number;
  readonly result: FigureResult;
}

/** What a study does with the samples of its plan. */
export interface Study {
  /** What decides its numbers beside the plan, for the manifest; `id` names it. */
  readonly settings: Readonly<Record<string, unknown>> & { readonly id: string };
  /** Refuses a plan before anything is decoded. @throws UsageError */
  refuse(groups: readonly PlannedGroup[], model: OpenModel): void;
  decode(
    groups: readonly PlannedGroup[],
    model: LoadedModel,
  ): Promise<{ readonly samples: number; readonly result: FigureResult }>;
}

/**
 * Runs a study on the samples of a plan, and writes its tables, pictures and the manifest into a new run folder.
 *
 * @throws UsageError for a folder, model or data that will not do; InterruptedError as `decode`.
 */
export async function runStudy(study: Study, options: StudyOptions): Promise<FigureRun> {
  const { plan, device, threads, command, now } = options;
  const groups = await planGroups(plan);
  const model = await openModel(groups[0]!.model, threads);
  study.refuse(groups, model);
  for (const text of templateNotices(groups, [model])) options.say(text);
  const longCanvases = findLongCanvases(groups, [model], device.device);
  for (const long of longCanvases) options.say(longCanvasesText(long));
  const out = options.out ?? defaultRunDir({ experiment: plan.id, configSha256: planSha256(plan), now });
  const files = await createRunDir(out);
  try {
    const manifest = await startManifest({
      ...{ plan, groups, models: [model], device, python: pyodideBackend(), shard: undefined, workers: 1 },
      ...{ longCanvases, command, certificatesDir, now },
    });
    const { samples, result } = await withEngines(model, device.device, 1, ([loaded]) =>
      study.decode(groups, loaded),
    );
    const csv = result.tables.map(({ name }) => join(files.dir, `${name}.csv`));
    for (const [i, { columns, rows }] of result.tables.entries()) await writeCsv(csv[i]!, columns, rows);
    const finished: Manifest = { ...manifest, state: 'finished', endedAt: now().toISOString() };
    await writeManifest(files.manifest, {
      ...finished,
      config: { ...finished.config, figure: study.settings },
    });
    const svg = await writeCharts(await readFigureCharts(files.dir, finished), files.dir);
    return { files, manifest: finished, csv, svg, samples, result };
  } catch (error) {
    // A study that cannot be finished leaves no empty folder behind; rmdir refuses one with files.
    await rmdir(files.dir).catch(() => undefined);
    throw error;
  }
}
