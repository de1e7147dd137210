import { DecodingError } from '../../decoding/errors.js';
import { decode } from '../../decoding/loop.js';
import { createMethod } from '../../decoding/method.js';
import { UsageError } from '../../errors.js';
import { type FigureRun, runStudy, type StudyOptions } from '../figures/study-run.js';
import { type LoadedModel, promptIds } from '../loaded-model.js';
import type { PlannedCell, PlannedGroup } from '../plan.js';
import { refusePrompt } from '../prompt-fit.js';
import { TauCourses } from './tau-course.js';

/**
 * Decodes the samples of a plan with each of its methods whose thresholds move (APD), and keeps their course over the
 * steps. Accuracy and agreement are those of a run of the same experiment.
 *
 * @throws UsageError for a folder, model, data or method that will not do; InterruptedError as `decode`.
 */
export function runDrift(options: StudyOptions): Promise<FigureRun> {
  return runStudy(
    {
      settings: { id: options.plan.id },
      refuse: (groups) => {
        if (groups.some(({ cells }) => cells.some(hasThresholds))) return;
        throw new UsageError(
          'DRIFT_METHOD',
          'none of these methods moves thresholds; use apd, or another method with the unmask rule "apd" or ' +
            '"apd-released".',
        );
      },
      decode: async (groups, model) => {
        const courses = new TauCourses();
        const samples = await decodeAll(courses, groups, model, options);
        return { samples, result: courses.result() };
      },
    },
    options,
  );
}

function hasThresholds({ method }: PlannedCell): boolean {
  return method.unmask.rule === 'apd' || method.unmask.rule === 'apd-released';
}

/**
 * Resolves to the number of samples that some method decoded. @throws UsageError `DRIFT_EMPTY` where there is none.
 */
async function decodeAll(
  courses: TauCourses,
  groups: readonly PlannedGroup[],
  model: LoadedModel,
  { device, clock, signal, say }: StudyOptions,
): Promise<number> {
  const { dimensions } = model.checkpoint;
  const decoded = new Set<string>();
  let reason = '';
  for (const { benchmark, task, samples, cells } of groups) {
    for (const [i, sample] of samples.entries()) {
      say(`${benchmark}, sample ${i + 1} of ${samples.length}`);
      const ids = promptIds(model, sample.parts, task.spec);
      for (const { id, label, method, generation } of cells.filter(hasThresholds)) {
        const { unmask } = method;
        if (unmask.rule !== 'apd' && unmask.rule !== 'apd-released') continue;
        const { tau0, alpha, beta } = unmask;
        try {
          refusePrompt(ids, generation, dimensions, device.device);
          const { steps } = await decode(model.engine, {
            ...{ promptIds: ids, generation, special: dimensions, clock, thresholds: true },
            ...createMethod(method, dimensions.family, generation),
            ...(signal === undefined ? {} : { signal }),
          });
          courses.add({ benchmark, method: label, tau0, alpha, beta }, steps);
          decoded.add(sample.id);
        } catch (error) {
          if (!(error instanceof DecodingError)) throw error;
          reason = error.message;
          say(`${id}, ${sample.id}: sample failed: ${reason}`);
        }
      }
    }
  }
  if (decoded.size > 0) return decoded.size;
  throw new UsageError('DRIFT_EMPTY', `no sample could be decoded (${reason}); use a trained model.`);
}
