import { join } from 'node:path';
import { DecodingError } from '../../decoding/errors.js';
import { UsageError } from '../../errors.js';
import { packageRoot } from '../../paths.js';
import { readPaperRows } from '../../results/paper.js';
import { type LoadedModel, promptIds } from '../loaded-model.js';
import { interleaved, type PlannedGroup, type PlannedSample } from '../plan.js';
import { decodeSample } from '../run-sample.js';
import { Figure2 } from './figure2.js';
import { Figure4 } from './figure4.js';
import { Figure5 } from './figure5.js';
import { Figure7 } from './figure7.js';
import { ObservedEngine } from './observed-engine.js';
import type { FigureStudy } from './study.js';
import { type FigureRun, runStudy, type StudyOptions } from './study-run.js';

/** The figures that look inside of vanilla decoding. */
export type FigureId = 'figure2' | 'figure4' | 'figure5' | 'figure7';

export interface FigureOptions extends StudyOptions {
  readonly figure: FigureId;
  /** The fixed threshold of Figures 2 e and 7. */
  readonly tau: number;
}

/**
 * Decodes the samples of a plan with vanilla decoding on the processor, which alone gives layer tensors, and shows every
 * pass to the figure's study.
 *
 * @throws UsageError for a folder, model or data that will not do; InterruptedError as `decode`.
 */
export function runFigure(options: FigureOptions): Promise<FigureRun> {
  const { figure, tau } = options;
  return runStudy(
    {
      settings: { id: figure, tau },
      refuse: refuseOthers,
      decode: async (groups, model) => {
        const study = await createStudy(options);
        const samples = await observe(study, groups, model, options);
        return { samples, result: study.result() };
      },
    },
    options,
  );
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
    text: (tokens) => model.tokenizer.decode(tokens, { skipSpecialTokens: false, unknown: 'show' }),
  });
  // Layer tensors come from the processor only.
  const context = { model, clock, device: 'cpu' as const };
  study.end(await decodeSample(ids, cell, { ...context, ...(signal === undefined ? {} : { signal }) }));
}
