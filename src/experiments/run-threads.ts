import { chooseThreads } from '../engine/choose-threads.js';
import type { Device } from '../engine/device.js';
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
 * The threads of one operator in a run: what is wanted, else measured now where speed is, on the largest of the models.
 * Undefined = by the size of each model.
 */
export async function runThreads(
  checkpoints: readonly Checkpoint[],
  { wanted, device, alone, clock }: ThreadWishes,
): Promise<number | undefined> {
  if (wanted !== undefined || device !== 'cpu' || !alone) return wanted;
  const largest = checkpoints.reduce((a, b) => (b.totalBytes > a.totalBytes ? b : a));
  return (await chooseThreads(largest, clock)).threads;
}
