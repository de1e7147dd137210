import { chooseThreads } from '../engine/choose-threads.js';
import type { Device } from '../engine/device.js';
import { UsageError } from '../errors.js';
import type { Clock } from '../measure/clock.js';
import type { Checkpoint } from '../models/checkpoint.js';

/** What decides how many threads an operator gets. */
export interface ThreadWishes {
  /** Of `--threads`, or of a run that is taken up again. */
  readonly wanted?: number | undefined;
  readonly device: Device;
  /**
   * Whether speed is measured, one decoding at a time: else several decodings share the cores, and shards, which run
   * anywhere, must agree.
   */
  readonly alone: boolean;
  readonly clock: Clock;
}

/**
 * The threads of one operator in a run: what is wanted or the environment says, else measured now where speed is, on the
 * largest of the models. Undefined = by the size of each model.
 *
 * @throws UsageError `THREADS`
 */
export async function runThreads(
  checkpoints: readonly Checkpoint[],
  { wanted, device, alone, clock }: ThreadWishes,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number | undefined> {
  const fixed = wanted ?? threadsOf(environment);
  if (fixed !== undefined || device !== 'cpu' || !alone) return fixed;
  const largest = checkpoints.reduce((a, b) => (b.totalBytes > a.totalBytes ? b : a));
  return (await chooseThreads(largest, clock)).threads;
}

/** What `REPRO_THREADS` says, for machines where every run is to have the same number. */
function threadsOf({ REPRO_THREADS = '' }: NodeJS.ProcessEnv): number | undefined {
  if (REPRO_THREADS === '') return undefined;
  if (/^[1-9]\d{0,3}$/.test(REPRO_THREADS)) return Number(REPRO_THREADS);
  throw new UsageError(
    'THREADS',
    `REPRO_THREADS is "${REPRO_THREADS}", but it must be a whole number of at least 1; set it, or leave it out.`,
  );
}
