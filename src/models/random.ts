import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toBfloat16Bytes } from '../formats/safetensors/dtypes.js';
import { singleFileName } from '../formats/safetensors/index.js';
import { streamSafetensors } from '../formats/safetensors/stream.js';
import type { TensorInfo } from '../formats/safetensors/write.js';
import { Rng } from '../stats/rng.js';
import { dreamConfigFile, dreamWeights } from './dream.js';
import { lladaWeights } from './llada.js';
import { fixedKeys } from './llada-keys.js';
import type { ModelDimensions, WeightSpec } from './types.js';

/** Sizes of a random model; the mask is the last id, end-of-text the one before it. */
export interface RandomModelSize {
  readonly dModel: number;
  readonly layers: number;
  readonly heads: number;
  /** Key and value heads; fewer than `heads` in Dream models only. Default `heads`. */
  readonly kvHeads?: number;
  readonly ffnDim: number;
  readonly vocabSize: number;
  readonly maxSequenceLength: number;
}

export interface RandomModelOptions {
  readonly seed: string;
  /** Default F32. */
  readonly dtype?: 'F32' | 'BF16';
  /** Default llada. */
  readonly family?: ModelDimensions['family'];
}

/**
 * Writes a checkpoint with random weights into `dir`, for benchmarks and tests. Equal sizes and seeds give equal
 * bytes. The output row of the mask is zero and the other logits spread widely, so that the model hardly ever
 * predicts the mask and different tokens win at different positions.
 *
 * @returns The dimensions that `openCheckpoint` will read.
 */
export async function writeRandomCheckpoint(
  dir: string,
  size: RandomModelSize,
  { seed, dtype = 'F32', family = 'llada' }: RandomModelOptions,
): Promise<ModelDimensions> {
  const isDream = family === 'dream';
  const dimensions: ModelDimensions = {
    family,
    ...size,
    kvHeads: size.kvHeads ?? size.heads,
    headDim: size.dModel / size.heads,
    ropeTheta: isDream ? 1_000_000 : 500_000,
    rmsEps: isDream ? 1e-6 : 1e-5,
    qkvBias: isDream,
    predictsNext: isDream,
    maskId: size.vocabSize - 1,
    eosId: size.vocabSize - 2,
  };
  const rng = new Rng(seed);
  const weights = isDream ? dreamWeights(dimensions) : lladaWeights(dimensions);
  const tensors = weights.map((spec) => ({ ...spec, dtype }));
  // Each when it is written, which is in their order: memory holds one tensor.
  const draw = (tensor: TensorInfo) => {
    const values = randomWeight(tensor as (typeof tensors)[number], dimensions, rng);
    return [dtype === 'F32' ? new Uint8Array(values.buffer) : toBfloat16Bytes(values)];
  };
  const config = isDream ? dreamConfigFile(dimensions) : lladaConfigFile(dimensions);
  await mkdir(dir, { recursive: true });
  const path = join(dir, singleFileName);
  await streamSafetensors(path, tensors, draw, { metadata: { format: 'pt' } });
  await writeFile(join(dir, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  return dimensions;
}

const biases: readonly string[] = ['qBias', 'kBias', 'vBias'];

/** Normal entries: norms around 1, biases around 0, linear layers keep the variance, the head doubles it. */
function randomWeight(spec: WeightSpec, dimensions: ModelDimensions, rng: Rng): Float32Array<ArrayBuffer> {
  const values = new Float32Array(spec.shape.reduce((a, b) => a * b, 1));
  const fanIn = spec.shape.at(-1)!;
  const isBias = biases.includes(spec.role);
  const isNorm = spec.shape.length === 1 && !isBias;
  const scale = isBias
    ? 0.3
    : spec.role === 'embedding'
      ? 1
      : spec.role === 'head'
        ? 2 / Math.sqrt(fanIn)
        : 1 / Math.sqrt(fanIn);
  for (let i = 0; i < values.length; i++) values[i] = isNorm ? 1 + 0.1 * rng.normal() : scale * rng.normal();
  if (spec.role === 'head') values.fill(0, dimensions.maskId * fanIn, (dimensions.maskId + 1) * fanIn);
  return values;
}

/** The config.json of a LLaDA model with these dimensions. */
function lladaConfigFile(dimensions: ModelDimensions): Record<string, unknown> {
  return {
    architectures: ['LLaDAModelLM'],
    model_type: 'llada',
    ...Object.fromEntries(fixedKeys.map(({ key, supported }) => [key, supported[0]])),
    d_model: dimensions.dModel,
    n_layers: dimensions.layers,
    n_heads: dimensions.heads,
    n_kv_heads: dimensions.kvHeads,
    mlp_hidden_size: dimensions.ffnDim,
    vocab_size: dimensions.vocabSize,
    embedding_size: dimensions.vocabSize,
    max_sequence_length: dimensions.maxSequenceLength,
    rope_theta: dimensions.ropeTheta,
    rms_norm_eps: dimensions.rmsEps,
    mask_token_id: dimensions.maskId,
    eos_token_id: dimensions.eosId,
    pad_token_id: dimensions.eosId,
  };
}
