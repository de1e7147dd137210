import { z } from 'zod';
import { UsageError } from '../errors.js';
import { parseConfig } from './config-keys.js';
import { dimensionKeys, fixedKeys, harmlessKeys } from './llada-keys.js';
import type { ModelDimensions, WeightRole, WeightSpec } from './types.js';

const count = z.int().positive();
const id = z.int().nonnegative();

const lladaConfig = z.looseObject({
  d_model: count,
  n_layers: count,
  n_heads: count,
  n_kv_heads: count.nullish(),
  mlp_hidden_size: count.nullish(),
  mlp_ratio: z.number().positive().optional(),
  vocab_size: count,
  embedding_size: count.nullish(),
  max_sequence_length: count.optional(),
  rope_theta: z.number().positive().optional(),
  rms_norm_eps: z.number().positive().optional(),
  mask_token_id: id,
  eos_token_id: id,
  bos_token_id: id.nullish(),
});

/** What LLaDA's configuration class assumes for absent numbers. */
const classDefaults = { mlpRatio: 4, maxSequenceLength: 1024, ropeTheta: 10_000, rmsEps: 1e-5 };

/**
 * The dimensions of a LLaDA model. Every key that changes the mathematics is used or refused by name; unknown
 * keys are refused unless they are null or false, because one of them might change it too.
 *
 * @param file Name for messages.
 * @throws UsageError with the first key that is missing, wrong or unsupported.
 */
export function lladaDimensions(config: Record<string, unknown>, file = 'config.json'): ModelDimensions {
  const c = parseConfig(
    config,
    { schema: lladaConfig, family: 'LLaDA', fixedKeys, dimensionKeys, harmlessKeys },
    file,
  );
  const refuse = (reason: string): never => {
    throw new UsageError('MODEL_CONFIG_UNSUPPORTED', `${file}: ${reason}`);
  };
  const kvHeads = c.n_kv_heads ?? c.n_heads;
  if (kvHeads !== c.n_heads) {
    refuse(`"n_kv_heads" ${kvHeads} differs from "n_heads" ${c.n_heads}; grouped heads are not supported`);
  }
  const headDim = c.d_model / c.n_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    refuse(`"d_model" ${c.d_model} does not split into "n_heads" ${c.n_heads} heads of an even width`);
  }
  const ffnDim = c.mlp_hidden_size ?? (c.mlp_ratio ?? classDefaults.mlpRatio) * c.d_model;
  if (!Number.isInteger(ffnDim)) refuse(`"mlp_ratio" ${c.mlp_ratio} gives a fractional width of ${ffnDim}`);
  const vocabSize = c.embedding_size ?? c.vocab_size;
  if (vocabSize < c.vocab_size) {
    refuse(`"embedding_size" ${vocabSize} is below "vocab_size" ${c.vocab_size}`);
  }
  for (const key of ['mask_token_id', 'eos_token_id', 'bos_token_id'] as const) {
    if ((c[key] ?? 0) >= vocabSize) refuse(`"${key}" ${c[key]} is outside the vocabulary of ${vocabSize}`);
  }
  if (c.mask_token_id === c.eos_token_id)
    refuse(`"mask_token_id" and "eos_token_id" are both ${c.eos_token_id}`);
  return {
    family: 'llada',
    qkvBias: false,
    predictsNext: false,
    dModel: c.d_model,
    layers: c.n_layers,
    heads: c.n_heads,
    kvHeads,
    headDim,
    ffnDim,
    vocabSize,
    ropeTheta: c.rope_theta ?? classDefaults.ropeTheta,
    rmsEps: c.rms_norm_eps ?? classDefaults.rmsEps,
    maxSequenceLength: c.max_sequence_length ?? classDefaults.maxSequenceLength,
    maskId: c.mask_token_id,
    eosId: c.eos_token_id,
    ...(typeof c.bos_token_id === 'number' ? { bosId: c.bos_token_id } : {}),
  };
}

/**
 * The tensors of a LLaDA checkpoint, by the names of modeling_llada.py. The block's down projection and the
 * head have the same leaf name, `ff_out`.
 */
export function lladaWeights(dimensions: ModelDimensions): WeightSpec[] {
  const { dModel, ffnDim, vocabSize, layers } = dimensions;
  const kvDim = dimensions.kvHeads * dimensions.headDim;
  const block: readonly [WeightRole, string, readonly number[]][] = [
    ['attnNorm', 'attn_norm', [dModel]],
    ['q', 'q_proj', [dModel, dModel]],
    ['k', 'k_proj', [kvDim, dModel]],
    ['v', 'v_proj', [kvDim, dModel]],
    ['attnOut', 'attn_out', [dModel, dModel]],
    ['ffNorm', 'ff_norm', [dModel]],
    ['gate', 'ff_proj', [ffnDim, dModel]],
    ['up', 'up_proj', [ffnDim, dModel]],
    ['down', 'ff_out', [dModel, ffnDim]],
  ];
  const name = (leaf: string): string => `model.transformer.${leaf}.weight`;
  return [
    { role: 'embedding', name: name('wte'), shape: [vocabSize, dModel] },
    ...Array.from({ length: layers }, (_, layer) =>
      block.map(([role, leaf, shape]) => ({ role, layer, name: name(`blocks.${layer}.${leaf}`), shape })),
    ).flat(),
    { role: 'finalNorm', name: name('ln_f'), shape: [dModel] },
    { role: 'head', name: name('ff_out'), shape: [vocabSize, dModel] },
  ];
}
