import { gigabytes } from '../counted.js';
import { UsageError } from '../errors.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { memoryNeeds, sessionBytes } from '../models/memory.js';

/** Tokens of a canvas that there must be room for at least. */
const CANVAS = 512;

/** Below this a model always fits, and what else a machine does counts more. */
const SMALL_BYTES = 1e9;

/**
 * Refuses a model that does not fit into the memory of the processor, before its weights are read: a machine that swaps
 * seems to hang, and one without swap kills the process.
 *
 * @param availableBytes What can be had without swapping, the limits of a container included.
 * @throws UsageError `MODEL_MEMORY`
 */
export function refuseTooLarge(
  { specs, dimensions, conversion, dir }: Pick<Checkpoint, 'specs' | 'dimensions' | 'conversion' | 'dir'>,
  availableBytes: number,
): void {
  const precision = conversion?.precision ?? 'fp32';
  const needs = memoryNeeds(specs, dimensions, CANVAS).filter(({ device }) => device === 'cpu');
  const need = needs.find((other) => other.precision === precision)!;
  if (sessionBytes(specs, precision) < SMALL_BYTES || need.totalBytes <= availableBytes) return;
  const smaller = needs
    .filter(({ totalBytes }) => totalBytes < need.totalBytes)
    .map(({ precision: name, totalBytes }) => `--precision ${name} needs about ${gigabytes(totalBytes)} GB`);
  const advice = smaller.length === 0 ? 'take a machine with more' : smaller.join(', ');
  throw new UsageError(
    'MODEL_MEMORY',
    `${dir} needs about ${gigabytes(need.totalBytes)} GB of memory in ${precision}, and ${gigabytes(availableBytes)} GB ` +
      `are free; ${advice}.`,
  );
}
