import { linearRoles, type QuantisedPrecision } from './precision/stored.js';
import type { ModelDimensions, WeightSpec } from './types.js';

export type MemoryPrecision = 'fp32' | 'fp16' | QuantisedPrecision;

/** Bytes that a model takes on one device in one precision, mapped files apart. */
export interface MemoryNeed {
  readonly device: 'cpu' | 'webgpu';
  readonly precision: MemoryPrecision;
  readonly weightBytes: number;
  /** Caches of a canvas of `tokens`: keys, values, and what adaptive methods keep beside them. */
  readonly cacheBytes: number;
  readonly tokens: number;
  readonly totalBytes: number;
}

/** Node, onnxruntime, and the activations of a pass. */
const OTHER_BYTES = 0.5e9;

/** Bytes of a linear weight with its scales. */
const linearBytes = { fp32: 4, fp16: 2, int8: 1.05, int4: 0.625 } as const;

/**
 * What a session needs on each device and in each precision.
 *
 * @param tokens Prompt and response.
 */
export function memoryNeeds(
  specs: readonly WeightSpec[],
  dimensions: ModelDimensions,
  tokens: number,
): MemoryNeed[] {
  const cacheBytes = tokens * cacheBytesPerToken(dimensions);
  const need = (
    device: MemoryNeed['device'],
    precision: MemoryPrecision,
    weightBytes: number,
  ): MemoryNeed => {
    const totalBytes = weightBytes + cacheBytes + OTHER_BYTES;
    return { device, precision, weightBytes, cacheBytes, tokens, totalBytes };
  };
  const onCpu = (['fp32', 'int8', 'int4'] as const).map((precision) =>
    need('cpu', precision, sessionBytes(specs, precision)),
  );
  const all = specs.reduce((sum, spec) => sum + elements(spec), 0);
  return [...onCpu, need('webgpu', 'fp32', 4 * all), need('webgpu', 'fp16', 2 * all)];
}

/**
 * Anonymous memory of the weights in a session on the processor. The embedding table stays a mapped file. In float32 what
 * was widened is packed one after the other, and room for the largest of them is left over (measured: 5.8 GB for 3.7 GB
 * of weights with a head of 2.1 GB).
 */
export function sessionBytes(specs: readonly WeightSpec[], precision: 'fp32' | QuantisedPrecision): number {
  const sizes = specs
    .filter(({ role }) => role !== 'embedding')
    .map((spec) => elements(spec) * (linearRoles.includes(spec.role) ? linearBytes[precision] : 4));
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  return precision === 'fp32' ? total + Math.max(...sizes) : total;
}

/**
 * About the bytes of a graph with packed weights on disk: each linear weight as it is computed with and once more packed, the
 * embedding table once, as it is stored.
 */
export function prepackedBytes(
  specs: readonly WeightSpec[],
  precision: 'fp32' | QuantisedPrecision,
  embeddingBytes: number,
): number {
  const computed = specs
    .filter(({ role }) => role !== 'embedding')
    .map((spec) => elements(spec) * (linearRoles.includes(spec.role) ? linearBytes[precision] : 4));
  return 2 * computed.reduce((sum, bytes) => sum + bytes, 0) + embeddingBytes;
}

function elements({ shape }: WeightSpec): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** K and V, and of an adaptive method attention and FFN outputs and the compared feature, in float32. */
function cacheBytesPerToken({ layers, kvHeads, headDim, dModel }: ModelDimensions): number {
  return 4 * layers * (2 * kvHeads * headDim + 3 * dModel);
}
