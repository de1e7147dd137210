import { UsageError } from '../../errors.js';
import { scoreBytes } from '../../graph/device/layers.js';
import { bytesPerValue } from '../../graph/device/split-weights.js';
import type { DeviceTarget } from '../../graph/device/target.js';
import type { GraphModel } from '../../graph/layers.js';
import type { StepGraphSpec } from '../../graph/spec.js';

/**
 * The target for canvases of a length: decomposed attention in as many groups of heads as the buffers of the adapter
 * ask for. Lengths are rounded up to a power of two, so that few graphs are made.
 *
 * @throws UsageError `ENGINE_DEVICE` where the activations or the scores of one head are larger than a buffer.
 */
export function targetFor(target: DeviceTarget, model: GraphModel, length: number): DeviceTarget {
  const rowsBytes = length * Math.max(model.ffnDim, model.dModel) * bytesPerValue.float32;
  if (rowsBytes > target.bindingBytes) throw tooLarge(`a canvas of ${length} tokens`, rowsBytes, target);
  if (target.attention === 'fused') return target;
  const rounded = Math.min(model.maxSequenceLength, 2 ** Math.ceil(Math.log2(length)));
  for (let chunks = 1; chunks <= model.kvHeads; chunks++) {
    if (model.kvHeads % chunks !== 0) continue;
    if (scoreBytes(model, chunks, rounded, rounded) <= target.bindingBytes) {
      return { ...target, attentionChunks: chunks };
    }
  }
  throw tooLarge(`a canvas of ${length} tokens`, scoreBytes(model, model.kvHeads, length, length), target);
}

/** @throws UsageError `ENGINE_DEVICE` where the logits of so many rows are larger than a buffer. */
export function refuseLogits(target: DeviceTarget, model: GraphModel, headRows: number): void {
  const bytes = headRows * model.vocabSize * bytesPerValue.float32;
  if (bytes > target.bindingBytes) throw tooLarge(`predicting ${headRows} rows at once`, bytes, target);
}

/** @throws UsageError `ENGINE_DEVICE` for layer tensors, which the graphs of a GPU do not give out. */
export function refuseProbe({ probe }: StepGraphSpec): void {
  if (probe.length === 0) return;
  throw new UsageError('ENGINE_DEVICE', 'layer tensors come from the processor only; use --device cpu.');
}

function tooLarge(what: string, bytes: number, { bindingBytes }: DeviceTarget): UsageError {
  return new UsageError(
    'ENGINE_DEVICE',
    `${what} needs a buffer of ${mebibytes(bytes)}, and the GPU allows ${mebibytes(bindingBytes)}; ` +
      'use shorter texts or --device cpu.',
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
