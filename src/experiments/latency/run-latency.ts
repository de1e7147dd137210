import { DecodingError } from '../../decoding/errors.js';
import { UsageError } from '../../errors.js';
import { type FigureRun, runStudy, type StudyOptions } from '../figures/study-run.js';
import { type LoadedModel, promptIds } from '../loaded-model.js';
import type { PlannedCell, PlannedGroup } from '../plan.js';
import { refusePrompt } from '../prompt-fit.js';
import { choosingPart, timeResponse } from './added-latency.js';
import { latencyTable, type TimedResponse } from './latency-table.js';

export interface LatencyOptions extends StudyOptions {
  /** Timed decodings of each response and method. */
  readonly rounds: number;
}

/**
 * Measures what choosing rows and thresholds adds to the time of a response (Table 8), and keeps every time.
 *
 * @throws UsageError for a folder, model, data or method that will not do; InterruptedError as `decode`.
 */
export function runLatency(options: LatencyOptions): Promise<FigureRun> {
  const { plan, rounds } = options;
  return runStudy(
    {
      settings: { id: plan.id, rounds },
      refuse: (groups, { checkpoint }) => {
        for (const cell of groups.flatMap(choosing)) choosingPart(cell, checkpoint.dimensions.family);
      },
      decode: async (groups, model) => {
        const responses = await timeAll(groups, model, options);
        const samples = new Set(responses.map(({ benchmark, sample }) => `${benchmark} ${sample}`)).size;
        return { samples, result: latencyTable(responses) };
      },
    },
    options,
  );
}

/** The cells of a group that are compared with another. */
function choosing({ cells }: PlannedGroup): PlannedCell[] {
  return cells.filter(({ id, baseline }) => id !== baseline);
}

/**
 * Times all samples at all lengths. A sample that cannot be decoded is left out and told.
 * @throws UsageError `LATENCY_EMPTY` where none can.
 */
async function timeAll(
  groups: readonly PlannedGroup[],
  model: LoadedModel,
  options: LatencyOptions,
): Promise<TimedResponse[]> {
  const { rounds, device, clock, signal, say } = options;
  const context = { model, clock, ...(signal === undefined ? {} : { signal }) };
  const responses: TimedResponse[] = [];
  let reason = 'there is no method beside the baseline';
  for (const group of groups) {
    const { benchmark, task, samples } = group;
    const baselines = group.cells.filter(({ id, baseline }) => id === baseline);
    for (const baseline of baselines) {
      const cells = choosing(group).filter((cell) => cell.baseline === baseline.id);
      if (cells.length === 0) continue;
      const { genLength } = baseline.generation;
      for (const [i, sample] of samples.entries()) {
        say(`length ${genLength}, ${benchmark}, sample ${i + 1} of ${samples.length}`);
        try {
          const ids = promptIds(model, sample.parts, task.spec);
          refusePrompt(ids, baseline.generation, model.checkpoint.dimensions, device.device);
          const times = await timeResponse(ids, baseline, cells, rounds, context);
          for (const [c, { method, ...cell }] of cells.entries()) {
            const part = choosingPart({ method, ...cell }, model.checkpoint.dimensions.family);
            const where = { benchmark, sample: sample.id, method: method.id };
            responses.push({ ...where, part, genLength, rounds: times[c]! });
          }
        } catch (error) {
          if (!(error instanceof DecodingError)) throw error;
          reason = error.message;
          say(`${sample.id}: sample failed: ${reason}`);
        }
      }
    }
  }
  if (responses.length > 0) return responses;
  throw new UsageError('LATENCY_EMPTY', `no response could be timed (${reason}); use a trained model.`);
}
