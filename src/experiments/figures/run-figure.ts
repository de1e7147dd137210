import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExperimentPlan } from '../../config/experiment-plan.js';
import { DecodingError } from '../../decoding/errors.js';
import type { DeviceFacts } from '../../engine/device.js';
import { UsageError } from '../../errors.js';
import type { Clock } from '../../measure/clock.js';
import type { WallClock } from '../../measure/wall-clock.js';
import { packageRoot } from '../../paths.js';
import { readFigureCharts } from '../../report/charts/figure-charts.js';
import { writeCharts } from '../../report/charts/write.js';
import { certificatesDir } from '../../results/certificate.js';
import { writeCsv } from '../../results/csv.js';
import { type Manifest, writeManifest } from '../../results/manifest.js';
import { readPaperRows } from '../../results/paper.js';
import { pyodideBackend } from '../../sandbox/run.js';
import { type LoadedModel, openModel, promptIds, withEngines } from '../loaded-model.js';
import { planSha256, startManifest } from '../manifest.js';
import { interleaved, type PlannedGroup, type PlannedSample, planGroups } from '../plan.js';
import { createRunDir, defaultRunDir, type RunFiles } from '../run-dir.js';
import { decodeSample } from '../run-sample.js';
import { Figure2 } from './figure2.js';
import { Figure4 } from './figure4.js';
import { Figure5 } from './figure5.js';
import { Figure7 } from './figure7.js';
import { ObservedEngine } from './observed-engine.js';
import type { FigureResult, FigureStudy } from './study.js';

/** The figures that look inside of vanilla decoding. */
export type FigureId = 'figure2' | 'figure4' | 'figure5' | 'figure7';

export interface FigureOptions {
  readonly figure: FigureId;
  readonly plan: ExperimentPlan;
  /** The processor: layer tensors come from it only. */
  readonly device: DeviceFacts;
  /** The fixed threshold of Figures 2 e and 7. */
  readonly tau: number;
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

/**
 * Decodes the samples of a plan with vanilla decoding, shows every pass to the figure's study, and writes its tables,
 * pictures and the manifest into a new run folder.
 *
 * @throws UsageError for a folder, model or data that will not do; InterruptedError as `decode`.
 */
export async function runFigure(options: FigureOptions): Promise<FigureRun> {
  const { figure, plan, device, threads, command, now } = options;
  const groups = await planGroups(plan);
  refuseOthers(groups);
  const out = options.out ?? defaultRunDir({ experiment: plan.id, configSha256: planSha256(plan), now });
  const files = await createRunDir(out);
  try {
    const model = await openModel(groups[0]!.model, threads);
    const manifest = await startManifest({
      ...{ plan, groups, models: [model], device, python: pyodideBackend(), shard: undefined, workers: 1 },
      ...{ longCanvases: [], command, certificatesDir, now },
    });
    const study = await createStudy(options);
    const samples = await withEngines(model, device.device, 1, ([loaded]) =>
      observe(study, groups, loaded, options),
    );
    const result = study.result();
    const csv = result.tables.map(({ name }) => join(files.dir, `${name}.csv`));
    for (const [i, { columns, rows }] of result.tables.entries()) await writeCsv(csv[i]!, columns, rows);
    const finished: Manifest = { ...manifest, state: 'finished', endedAt: now().toISOString() };
    await writeManifest(files.manifest, {
      ...finished,
      config: { ...finished.config, figure: { id: figure, tau: options.tau } },
    });
    const svg = await writeCharts(await readFigureCharts(files.dir, finished), files.dir);
    return { files, manifest: finished, csv, svg, samples, result };
  } catch (error) {
    // A study that cannot be finished leaves no empty folder behind; rmdir refuses one with files.
    await rmdir(files.dir).catch(() => undefined);
    throw error;
  }
}

async function createStudy({ figure, plan, tau }: FigureOptions): Promise<FigureStudy> {
  const { seed, paper } = plan.points[0].experiment;
  switch (figure) {
    case 'figure2':
      return new Figure2(tau);
    case 'figure4':
      return new Figure4(
        String(seed),
        paper === undefined ? [] : await readPaperRows(join(packageRoot, paper)),
      );
    case 'figure5':
      return new Figure5();
    case 'figure7':
      return new Figure7(tau);
  }
}

/** Studies read full passes of one model; a method with a cache has none. */
function refuseOthers(groups: readonly PlannedGroup[]): void {
  const cells = groups.flatMap((group) => group.cells);
  const other = cells.find(({ method }) => method.cache.policy !== 'none');
  if (other !== undefined) {
    throw new UsageError(
      'FIGURE_METHOD',
      `${other.id}: figures look at passes that compute all rows, and this method has a cache; use vanilla.`,
    );
  }
  const guided = cells.find(({ generation }) => generation.cfg > 0);
  if (guided !== undefined) {
    throw new UsageError(
      'FIGURE_METHOD',
      `${guided.id}: figures look at one stream; set generation.cfg to 0.`,
    );
  }
}

/**
 * Resolves to the number of samples that were decoded to the end; of others the passes up to there count.
 * @throws UsageError `FIGURE_EMPTY` where there is none.
 */
async function observe(
  study: FigureStudy,
  groups: readonly PlannedGroup[],
  model: LoadedModel,
  options: FigureOptions,
): Promise<number> {
  const engine = new ObservedEngine(model.engine, study.probe, (pass) => study.pass(pass));
  const samples = [...interleaved(groups)];
  let [decoded, reason] = [0, ''];
  for (const [i, planned] of samples.entries()) {
    options.say(`sample ${i + 1} of ${samples.length} (${planned.group.benchmark})`);
    try {
      await observeSample(study, planned, { ...model, engine }, options);
      decoded++;
    } catch (error) {
      if (!(error instanceof DecodingError)) throw error;
      reason = error.message;
      options.say(`${planned.sample.id}: sample failed: ${reason}`);
    }
  }
  if (decoded > 0) return decoded;
  throw new UsageError('FIGURE_EMPTY', `no sample could be decoded (${reason}); use a trained model.`);
}

async function observeSample(
  study: FigureStudy,
  { group, cell, sample }: PlannedSample,
  model: LoadedModel,
  { clock, signal }: FigureOptions,
): Promise<void> {
  const { dimensions } = model.checkpoint;
  const ids = promptIds(model, sample.parts, group.task.spec);
  study.begin({
    benchmark: group.benchmark,
    id: sample.id,
    promptLength: ids.length,
    layers: dimensions.layers,
    maskId: dimensions.maskId,
    genLength: cell.generation.genLength,
    predictsNext: dimensions.predictsNext,
    text: (tokens) => model.tokenizer.decode([...tokens], { skipSpecialTokens: false }),
  });
  // Layer tensors come from the processor only, whose graphs take any length.
  const context = { model, clock, maxCanvas: Number.POSITIVE_INFINITY };
  study.end(await decodeSample(ids, cell, { ...context, ...(signal === undefined ? {} : { signal }) }));
}
