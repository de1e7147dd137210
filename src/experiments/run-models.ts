import type { MeasureOptions } from '../config/measure-options.js';
import type { Device } from '../engine/device.js';
import { keepsOneSession } from '../engine/ort-session.js';
import type { Saving } from '../graph/savings.js';
import type { Clock } from '../measure/clock.js';
import type { RepeatRow } from '../results/repeats.js';
import type { RowLog } from '../results/row-log.js';
import { type SampleRow, sampleKey } from '../results/samples.js';
import type { PythonBackend } from '../sandbox/backend.js';
import { createPythonRunner } from '../sandbox/runner.js';
import { collectAnswers, Progress } from './answers.js';
import { Canary, drift, driftLimit, firstFitting } from './canary.js';
import { inGraphOrder } from './graph-order.js';
import { type OpenModel, withEngines } from './loaded-model.js';
import { interleaved, type PlannedGroup, type PlannedSample } from './plan.js';
import type { RunEvent } from './progress.js';
import { repeatForPrecision } from './repeats.js';
import { runSample, type SampleContext } from './run-sample.js';
import type { SampleFiles } from './sample-files.js';

/** Programs that run beside each other where samples are decoded beside each other; each takes some 150 MB. */
const MOST_PROGRAMS = 4;

export interface RunModelsOptions {
  readonly groups: readonly PlannedGroup[];
  readonly models: readonly OpenModel[];
  readonly device: Device;
  readonly python: PythonBackend;
  readonly workers: number;
  readonly measure: MeasureOptions;
  /** Work that passes leave out. */
  readonly savings: readonly Saving[];
  readonly answers: RowLog<SampleRow>;
  readonly kept: SampleFiles;
  readonly repeatLog: RowLog<RepeatRow>;
  /** What was done before; new rows are added. */
  readonly samples: SampleRow[];
  readonly repeats: RepeatRow[];
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  readonly onCanary: (model: string, denoiseMs: readonly number[]) => void;
}

/** Does what is left of a run, one model after the other: first all answers, then repeats for their speed. */
export async function runModels(options: RunModelsOptions): Promise<void> {
  const { groups, models, measure, answers, samples, onEvent } = options;
  const done = new Set(samples.map(sampleKey));
  const plan = [...interleaved(groups)];
  const left = plan.filter(({ cell, sample }) => !done.has(sampleKey({ cell: cell.id, sample: sample.id })));
  const total = plan.length;
  if (left.length < total || answers.repairedBytes > 0) {
    const { repairedBytes } = answers;
    onEvent({ kind: 'resumed', done: total - left.length, total, repairedBytes });
  }
  const progress = new Progress(left, total - left.length);
  let budgetLeftMs = measure.timeBudgetSeconds * 1000;
  for (const [m, model] of models.entries()) {
    const own = groups.filter((group) => group.model.dir === model.config.dir);
    const ownLeft = left.filter(({ group }) => own.includes(group));
    if (ownLeft.length === 0 && !measure.timing) continue;
    const budgetMs = budgetLeftMs / (models.length - m);
    budgetLeftMs -= await runModel(model, own, ownLeft, { ...options, progress, budgetMs });
  }
}

interface RunModelOptions extends RunModelsOptions {
  readonly progress: Progress;
  /** Time for the repeats of this model. */
  readonly budgetMs: number;
}

/** Resolves to the milliseconds that the repeats took. */
async function runModel(
  model: OpenModel,
  groups: readonly PlannedGroup[],
  left: readonly PlannedSample[],
  options: RunModelOptions,
): Promise<number> {
  const { device, measure, answers, kept, repeatLog, samples, repeats, onEvent, onCanary } = options;
  const { clock, signal, progress, budgetMs } = options;
  const lanes = Math.max(1, Math.min(options.workers, left.length));
  return withEngines(model, device, lanes, async (loaded) => {
    const python = createPythonRunner({
      backend: options.python,
      concurrency: Math.min(lanes, MOST_PROGRAMS),
    });
    const base = {
      python,
      clock,
      device,
      savings: options.savings,
      ...(signal === undefined ? {} : { signal }),
    };
    const contexts: SampleContext[] = loaded.map((one) => ({ ...base, model: one, shared: lanes > 1 }));
    const alone: SampleContext = { ...base, model: loaded[0], shared: false };
    const canary = new Canary(groups);
    const readCanary = async () => {
      if (measure.timing) await canary.read(alone);
    };
    try {
      // Repeats are timed, also where a resumed run has no answer left to make. Without timing there is nothing to warm, and
      // a session that is not kept is loaded before the clock of each sample.
      const isOne = keepsOneSession(model.checkpoint.totalBytes, device);
      if (measure.timing && !isOne) await warmUp([...interleaved(groups)], contexts, onEvent);
      await readCanary();
      for (const group of groups) {
        const planned = left.filter((one) => one.group === group);
        const ofGroup = inGraphOrder(planned, model, device);
        if (ofGroup.length === 0) continue;
        await collectAnswers({ left: ofGroup, progress, contexts, log: answers, kept, samples, onEvent });
        // A reading in between would load the weights once more.
        if (!isOne) await readCanary();
      }
      if (!measure.timing) return 0;
      const started = clock();
      await repeatForPrecision({
        ...{ groups, measure, samples, context: alone, log: repeatLog, repeats, budgetMs, onEvent },
      });
      const elapsedMs = clock() - started;
      await readCanary();
      return elapsedMs;
    } finally {
      if (canary.readings.length > 0) onCanary(model.config.id, canary.readings);
      const spread = drift(canary.readings);
      if (spread > driftLimit) onEvent({ kind: 'drift', model: model.config.id, spread });
    }
  });
}

/** Decodes the first sample once per method without keeping it: sessions are made and packed before the clock counts. */
async function warmUp(
  work: readonly PlannedSample[],
  contexts: readonly SampleContext[],
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  const first = firstFitting(work, contexts[0]!);
  if (first === undefined) return;
  const methods = new Map(work.map((planned) => [planned.cell.method.id, planned]));
  for (const [index, [method, { cell }]] of [...methods].entries()) {
    onEvent({ kind: 'warm-up', method, index, of: methods.size });
    await Promise.all(contexts.map((context) => runSample({ ...first, cell }, context)));
  }
}
