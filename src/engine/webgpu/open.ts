import { env } from 'onnxruntime-node';
import { UsageError } from '../../errors.js';
import { bytesPerValue } from '../../graph/device/split-weights.js';
import type { DeviceTarget } from '../../graph/device/target.js';
import type { Adapter } from '../device.js';
import type { SessionOptions } from '../ort-session.js';
import { fusedAttentionIsRight, halfPrecisionIsRight } from './abilities.js';
import { TokenEmbedder } from './embedder.js';
import { WebGpuEngine } from './engine.js';
import { DeviceTensors } from './tensors.js';

/**
 * Below this many bytes of weights half precision gains little and costs exactness: such a model computes in
 * float32, token for token as on the processor.
 */
const halfPrecisionBytes = 1_000_000_000;

/**
 * Tries out what the adapter can do, and opens the engine so.
 *
 * @param half Compute in half precision; else that depends on the model.
 * @throws Error where WebGPU does not start; UsageError `PRECISION_DEVICE` where half precision is wrong
 */
export async function openWebGpuEngine(
  options: SessionOptions,
  adapter: Adapter,
  half = false,
): Promise<WebGpuEngine> {
  // Errors come back as exceptions; onnxruntime would print them as well.
  env.logLevel = 'fatal';
  const tensors = await DeviceTensors.open();
  const target = await deviceTarget(options, adapter, half);
  const embedder =
    target.embedding === 'host' ? await TokenEmbedder.open(options.model, options.weightsDir) : undefined;
  return new WebGpuEngine(options, target, tensors, embedder);
}

async function deviceTarget(
  { model, weightBytes }: SessionOptions,
  { name, f16, limits }: Adapter,
  wanted: boolean,
): Promise<DeviceTarget> {
  const bindingBytes = Math.min(limits.bindingBytes, limits.bufferBytes);
  const large = model.weight('q', 0).dtype !== 'F32' && weightBytes > halfPrecisionBytes;
  const half = (large || wanted) && f16 && (await halfPrecisionIsRight(model.ffnDim));
  if (wanted && !half) {
    throw new UsageError(
      'PRECISION_DEVICE',
      `products in half precision are wrong on ${name}; leave --precision fp16 out for fp32.`,
    );
  }
  const weights = half ? 'float16' : 'float32';
  const tableBytes = model.vocabSize * model.dModel * bytesPerValue[weights];
  return {
    attention: (await fusedAttentionIsRight(model.headDim)) ? 'fused' : 'decomposed',
    weights,
    embedding: tableBytes > bindingBytes ? 'host' : 'graph',
    bindingBytes,
    attentionChunks: 1,
  };
}
