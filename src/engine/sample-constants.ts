import type { Tensor } from 'onnxruntime-node';
import { type GraphModel, ropeTables } from '../graph/layers.js';
import type { Feeds } from './ort-session.js';
import { bool, float32, floatScalar } from './tensors.js';
import type { SampleSetup } from './types.js';

/** Stands for -inf in biases: infinities would give NaN where two of them meet. */
const minusInfinity = -1e30;

/** The tables of the rotation, for positions from 0. */
export function ropeFeeds(model: GraphModel, length: number): Feeds {
  const { cos, sin } = ropeTables(model, length);
  const dims = [length, model.headDim / 2];
  return { rope_cos: float32(cos, dims), rope_sin: float32(sin, dims) };
}

/** The inputs of a step graph that do not change during a sample. */
export function sampleConstants(
  model: GraphModel,
  { spec, length, guidanceScale, sampling, nucleus, tokenBias }: SampleSetup,
): Feeds {
  const feeds = ropeFeeds(model, length);
  if (spec.guidance || spec.residualGuidance) feeds.guidance_scale = floatScalar(guidanceScale ?? 0);
  if (spec.sampling) feeds.temperature = floatScalar(sampling?.temperature ?? 0);
  if (spec.nucleus) {
    const { temperature, topP, topK } = nucleus ?? { temperature: 0, topP: 1, topK: 0 };
    const vocab = model.vocabSize;
    feeds.inverse_temperature = floatScalar(temperature > 0 ? 1 / temperature : 1);
    feeds.top_p = floatScalar(topP);
    feeds.top_k_flags = bool(new Uint8Array(vocab).fill(1, 0, topK === 0 ? vocab : topK), [vocab]);
  }
  if (spec.tokenBias) {
    feeds.argmax_bias = biasOf(model.vocabSize, tokenBias?.argmax ?? []);
    feeds.softmax_bias = biasOf(model.vocabSize, tokenBias?.softmax ?? []);
  }
  return feeds;
}

function biasOf(vocab: number, ids: readonly number[]): Tensor {
  const bias = new Float32Array(vocab);
  for (const id of ids) bias[id] = minusInfinity;
  return float32(bias, [vocab]);
}
