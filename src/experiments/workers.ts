import { availableParallelism, freemem } from 'node:os';
import type { Device } from '../engine/device.js';
import type { OpenModel } from './loaded-model.js';

/** A session holds its weights once more in packed form. */
const copiesOfWeights = 2.2;

/** Share of the free memory that sessions may take together. */
const memoryShare = 0.7;

/** How many sessions of a model fit into the free memory, at least one. */
export function fittingWorkers({ checkpoint }: Pick<OpenModel, 'checkpoint'>, freeBytes = freemem()): number {
  return Math.max(1, Math.floor((freeBytes * memoryShare) / (copiesOfWeights * checkpoint.totalBytes)));
}

/**
 * Samples to decode beside each other: what was asked for, as far as the memory allows. Where speed is measured
 * the default is one, since a decoding beside others has no time of its own; else all cores. A GPU has one: the
 * sessions of a process share its queue.
 */
export function workerCount(
  models: readonly OpenModel[],
  {
    wanted,
    timing,
    device = 'cpu',
  }: { readonly wanted?: number | undefined; readonly timing: boolean; readonly device?: Device },
): number {
  if (device !== 'cpu') return 1;
  const threads = Math.max(...models.map((model) => model.threads));
  const usual = timing ? 1 : Math.max(1, Math.floor(availableParallelism() / threads));
  return Math.min(wanted ?? usual, ...models.map((model) => fittingWorkers(model)));
}
