import type { ModelDimensions } from './types.js';

/** Bytes that a model takes on one device in one precision. */
export interface MemoryNeed {
  readonly device: 'cpu' | 'webgpu';
  readonly precision: 'fp32' | 'fp16';
  readonly weightBytes: number;
  /** Caches of a canvas of `tokens`: keys, values, and what adaptive methods keep beside them. */
  readonly cacheBytes: number;
  readonly tokens: number;
  readonly totalBytes: number;
}

/** The process itself, onnxruntime's buffers and the activations of a pass. */
const OTHER_BYTES = 1e9;

/**
 * What a session needs. On the processor weights are widened to float32 as they are loaded, once, and packed in place
 * of the plain ones (measured: 1.0 to 1.15 times their float32 size).
 *
 * @param tokens Prompt and response.
 */
export function memoryNeeds(dimensions: ModelDimensions, parameters: number, tokens: number): MemoryNeed[] {
  const cacheBytes = tokens * cacheBytesPerToken(dimensions);
  const need = (device: MemoryNeed['device'], precision: MemoryNeed['precision']): MemoryNeed => {
    const bytes = (precision === 'fp32' ? 4 : 2) * parameters;
    const weightBytes = device === 'cpu' ? 1.15 * bytes : bytes;
    const totalBytes = weightBytes + cacheBytes + OTHER_BYTES;
    return { device, precision, weightBytes, cacheBytes, tokens, totalBytes };
  };
  return [need('cpu', 'fp32'), need('webgpu', 'fp32'), need('webgpu', 'fp16')];
}

/** K and V, and of an adaptive method attention and FFN outputs and the compared feature, in float32. */
function cacheBytesPerToken({ layers, kvHeads, headDim, dModel }: ModelDimensions): number {
  return 4 * layers * (2 * kvHeads * headDim + 3 * dModel);
}
