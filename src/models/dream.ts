import { z } from 'zod';
import { UsageError } from '../errors.js';
import { type FixedKey, parseConfig } from './config-keys.js';
import type { ModelDimensions, WeightRole, WeightSpec } from './types.js';

const count = z.int().positive();
const id = z.int().nonnegative();

const dreamConfig = z.looseObject({
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  intermediate_size: count,
  vocab_size: count,
  max_position_embeddings: count.default(32_768),
  rope_theta: z.number().positive().default(10_000),
  rms_norm_eps: z.number().positive().default(1e-6),
  mask_token_id: id,
  eos_token_id: id.optional(),
  pad_token_id: id.optional(),
  bos_token_id: id.nullish(),
});

/** Keys of DreamConfig (configuration_dream.py) of which this program computes one value only. */
const fixedKeys: readonly FixedKey[] = [
  { key: 'hidden_act', supported: ['silu'], whenAbsent: 'silu' },
  { key: 'rope_scaling', supported: [null], whenAbsent: null },
  { key: 'use_sliding_window', supported: [false], whenAbsent: false },
  { key: 'tie_word_embeddings', supported: [false], whenAbsent: false },
  { key: 'attention_dropout', supported: [0], whenAbsent: 0 },
];

const harmlessKeys = [
  '_name_or_path',
  'architectures',
  'auto_map',
  'dtype',
  'initializer_range',
  'max_window_layers',
  'model_type',
  // Only read where use_sliding_window is true, which is refused.
  'sliding_window',
  'torch_dtype',
  'transformers_version',
  'use_cache',
];

/**
 * The dimensions of a Dream model: the Qwen2 layout without a causal mask, with grouped KV heads and biases on
 * q, k and v; row j of its logits predicts position j + 1.
 *
 * @param file Name for messages.
 * @throws UsageError with the first key that is missing, wrong or unsupported.
 */
export function dreamDimensions(config: Record<string, unknown>, file = 'config.json'): ModelDimensions {
  const dimensionKeys = Object.keys(dreamConfig.shape);
  const c = parseConfig(
    config,
    { schema: dreamConfig, family: 'Dream', fixedKeys, dimensionKeys, harmlessKeys },
    file,
  );
  const refuse = (reason: string): never => {
    throw new UsageError('MODEL_CONFIG_UNSUPPORTED', `${file}: ${reason}`);
  };
  const headDim = c.hidden_size / c.num_attention_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    refuse(
      `"hidden_size" ${c.hidden_size} does not split into "num_attention_heads" ${c.num_attention_heads} heads of an even width`,
    );
  }
  if (c.num_attention_heads % c.num_key_value_heads !== 0) {
    refuse(
      `"num_key_value_heads" ${c.num_key_value_heads} does not divide "num_attention_heads" ${c.num_attention_heads}`,
    );
  }
  const eosId = c.eos_token_id ?? c.pad_token_id ?? refuse('"eos_token_id" is missing');
  const ids = { mask_token_id: c.mask_token_id, eos_token_id: eosId, bos_token_id: c.bos_token_id };
  for (const [key, value] of Object.entries(ids)) {
    if ((value ?? 0) >= c.vocab_size)
      refuse(`"${key}" ${value} is outside the vocabulary of ${c.vocab_size}`);
  }
  if (c.mask_token_id === eosId) refuse(`"mask_token_id" and "eos_token_id" are both ${eosId}`);
  return {
    family: 'dream',
    dModel: c.hidden_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    kvHeads: c.num_key_value_heads,
    headDim,
    ffnDim: c.intermediate_size,
    vocabSize: c.vocab_size,
    ropeTheta: c.rope_theta,
    rmsEps: c.rms_norm_eps,
    qkvBias: true,
    predictsNext: true,
    maxSequenceLength: c.max_position_embeddings,
    maskId: c.mask_token_id,
    eosId,
    ...(typeof c.bos_token_id === 'number' ? { bosId: c.bos_token_id } : {}),
  };
}

/** The tensors of a Dream checkpoint, by the names of modeling_dream.py. */
export function dreamWeights(dimensions: ModelDimensions): WeightSpec[] {
  const { dModel, ffnDim, vocabSize, layers } = dimensions;
  const kvDim = dimensions.kvHeads * dimensions.headDim;
  const block: readonly [WeightRole, string, readonly number[]][] = [
    ['attnNorm', 'input_layernorm.weight', [dModel]],
    ['q', 'self_attn.q_proj.weight', [dModel, dModel]],
    ['qBias', 'self_attn.q_proj.bias', [dModel]],
    ['k', 'self_attn.k_proj.weight', [kvDim, dModel]],
    ['kBias', 'self_attn.k_proj.bias', [kvDim]],
    ['v', 'self_attn.v_proj.weight', [kvDim, dModel]],
    ['vBias', 'self_attn.v_proj.bias', [kvDim]],
    ['attnOut', 'self_attn.o_proj.weight', [dModel, dModel]],
    ['ffNorm', 'post_attention_layernorm.weight', [dModel]],
    ['gate', 'mlp.gate_proj.weight', [ffnDim, dModel]],
    ['up', 'mlp.up_proj.weight', [ffnDim, dModel]],
    ['down', 'mlp.down_proj.weight', [dModel, ffnDim]],
  ];
  return [
    { role: 'embedding', name: 'model.embed_tokens.weight', shape: [vocabSize, dModel] },
    ...Array.from({ length: layers }, (_, layer) =>
      block.map(([role, leaf, shape]) => ({ role, layer, name: `model.layers.${layer}.${leaf}`, shape })),
    ).flat(),
    { role: 'finalNorm', name: 'model.norm.weight', shape: [dModel] },
    { role: 'head', name: 'lm_head.weight', shape: [vocabSize, dModel] },
  ];
}

/** The config.json of a Dream model with these dimensions. */
export function dreamConfigFile(dimensions: ModelDimensions): Record<string, unknown> {
  return {
    architectures: ['DreamModel'],
    model_type: 'Dream',
    ...Object.fromEntries(fixedKeys.map(({ key, supported }) => [key, supported[0]])),
    hidden_size: dimensions.dModel,
    num_hidden_layers: dimensions.layers,
    num_attention_heads: dimensions.heads,
    num_key_value_heads: dimensions.kvHeads,
    intermediate_size: dimensions.ffnDim,
    vocab_size: dimensions.vocabSize,
    max_position_embeddings: dimensions.maxSequenceLength,
    rope_theta: dimensions.ropeTheta,
    rms_norm_eps: dimensions.rmsEps,
    mask_token_id: dimensions.maskId,
    eos_token_id: dimensions.eosId,
    pad_token_id: dimensions.eosId,
  };
}
