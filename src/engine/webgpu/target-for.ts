import { UsageError } from '../../errors.js';
import { scoreBytes } from '../../graph/device/layers.js';
import type { DeviceTarget } from '../../graph/device/target.js';
import type { GraphModel } from '../../graph/layers.js';

/**
 * The target for canvases of a length: decomposed attention in as many groups of heads as the buffers of the adapter
 * ask for. Lengths are rounded up to a power of two, so that few graphs are made.
 *
 * @throws UsageError `ENGINE_DEVICE` where the scores of one head are larger than a buffer.
 */
export function targetFor(target: DeviceTarget, model: GraphModel, length: number): DeviceTarget {
  if (target.attention === 'fused') return target;
  const rounded = Math.min(model.maxSequenceLength, 2 ** Math.ceil(Math.log2(length)));
  for (let chunks = 1; chunks <= model.kvHeads; chunks++) {
    if (model.kvHeads % chunks !== 0) continue;
    if (scoreBytes(model, chunks, rounded, rounded) <= target.bindingBytes) {
      return { ...target, attentionChunks: chunks };
    }
  }
  throw new UsageError(
    'ENGINE_DEVICE',
    `a canvas of ${length} tokens needs buffers of ${mebibytes(scoreBytes(model, model.kvHeads, length, length))} ` +
      `for the attention of one head, and the GPU allows ${mebibytes(target.bindingBytes)}; use --device cpu or shorter texts.`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
