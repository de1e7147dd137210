import { InterruptedError } from '../decoding/errors.js';
import type { RowLog } from '../results/row-log.js';
import type { SampleRow } from '../results/samples.js';
import type { PlannedSample } from './plan.js';
import { Eta, type RunEvent } from './progress.js';
import { runSample, type SampleContext } from './run-sample.js';
import type { SampleFiles } from './sample-files.js';

/** How far the whole run is, what was done before and what is still to come included. */
export class Progress {
  readonly total: number;
  readonly #left = new Map<string, number>();
  readonly #eta = new Eta();
  #done: number;

  constructor(left: readonly PlannedSample[], done: number) {
    this.total = left.length + done;
    this.#done = done;
    for (const { cell } of left) this.#left.set(cell.id, (this.#left.get(cell.id) ?? 0) + 1);
  }

  /** @param elapsedMs Of one sample, divided by the sessions that work beside each other. */
  add({ cell, group }: PlannedSample, elapsedMs: number, error: string | null): RunEvent {
    this.#eta.add(cell.id, elapsedMs);
    const left = this.#left.get(cell.id)! - 1;
    this.#left.set(cell.id, left);
    this.#done += 1;
    return {
      kind: 'sample',
      cell: cell.id,
      done: this.#done,
      total: this.total,
      remainingMs: this.#eta.remainingMs(this.#left),
      cellDone: group.samples.length - left,
      cellTotal: group.samples.length,
      cellRemainingMs: this.#eta.remainingMs(new Map([[cell.id, left]])),
      error,
    };
  }
}

/** What the answers of a run are made with. */
export interface AnswerOptions {
  /** Those that are not in the log yet, in the order of work. */
  readonly left: readonly PlannedSample[];
  readonly progress: Progress;
  /** One per session; each takes the next sample when it is free. */
  readonly contexts: readonly SampleContext[];
  readonly log: RowLog<SampleRow>;
  readonly kept: SampleFiles;
  readonly samples: SampleRow[];
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Decodes and scores what is left and adds the rows to the log and to `samples`, in the order in which they finish.
 *
 * @throws InterruptedError after an interruption; what was finished is kept.
 */
export async function collectAnswers(options: AnswerOptions): Promise<void> {
  const { left, contexts, progress, log, kept, samples, onEvent } = options;
  let next = 0;
  let failed = false;
  const lane = async (context: SampleContext): Promise<void> => {
    while (next < left.length && !failed) {
      if (context.signal?.aborted) throw new InterruptedError();
      const planned = left[next++]!;
      const started = context.clock();
      const finished = await runSample(planned, context, kept.isTraced(planned));
      const { row } = finished;
      await kept.keep(planned, context.model, finished);
      await log.append(row);
      samples.push(row);
      onEvent(progress.add(planned, (context.clock() - started) / contexts.length, row.error));
    }
  };
  const lanes = contexts.map((context) =>
    lane(context).catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // All lanes end before the sessions are closed, also where one of them has failed.
  for (const end of await Promise.allSettled(lanes)) if (end.status === 'rejected') throw end.reason;
}
