import type { FixedKey } from './config-keys.js';

/**
 * Keys of LLaDA's `ModelConfig` (configuration_llada.py) of which this program computes one value only. An
 * absent key means the class default, which for several of them is not LLaDA-8B's architecture.
 */
export const fixedKeys: readonly FixedKey[] = [
  { key: 'block_type', supported: ['llama'], whenAbsent: 'sequential' },
  { key: 'block_group_size', supported: [1], whenAbsent: 1 },
  { key: 'layer_norm_type', supported: ['rms'], whenAbsent: 'default' },
  { key: 'layer_norm_with_affine', supported: [true], whenAbsent: true },
  { key: 'activation_type', supported: ['silu'], whenAbsent: 'swiglu' },
  { key: 'rope', supported: [true], whenAbsent: false },
  { key: 'rope_full_precision', supported: [true], whenAbsent: true },
  { key: 'alibi', supported: [false], whenAbsent: false },
  { key: 'include_bias', supported: [false], whenAbsent: false },
  { key: 'include_qkv_bias', supported: [false], whenAbsent: false },
  { key: 'bias_for_layer_norm', supported: [false, null], whenAbsent: null },
  { key: 'attention_layer_norm', supported: [false], whenAbsent: false },
  { key: 'multi_query_attention', supported: [false, null], whenAbsent: null },
  { key: 'weight_tying', supported: [false], whenAbsent: true },
  { key: 'tie_word_embeddings', supported: [false], whenAbsent: false },
  { key: 'scale_logits', supported: [false], whenAbsent: false },
  { key: 'input_emb_norm', supported: [false], whenAbsent: false },
  { key: 'clip_qkv', supported: [null], whenAbsent: null },
];

/** Keys that `llada.ts` reads as numbers. */
export const dimensionKeys = [
  'd_model',
  'n_layers',
  'n_heads',
  'n_kv_heads',
  'mlp_hidden_size',
  'mlp_ratio',
  'vocab_size',
  'embedding_size',
  'max_sequence_length',
  'rope_theta',
  'rms_norm_eps',
  'mask_token_id',
  'eos_token_id',
  'bos_token_id',
] as const;

/**
 * Keys without effect on inference in float32: initialisation, training, library bookkeeping, and settings of
 * parts that the fixed keys switch off.
 */
export const harmlessKeys: readonly string[] = [
  '_name_or_path',
  'alibi_bias_max',
  'architectures',
  'attention_dropout',
  'attention_layer_norm_with_affine',
  'attn_implementation',
  'auto_map',
  'dtype',
  'embedding_dropout',
  'flash_attention',
  'init_cutoff_factor',
  'init_device',
  'init_fn',
  'init_std',
  'model_type',
  'pad_token_id',
  'precision',
  'residual_dropout',
  'torch_dtype',
  'transformers_version',
  'use_cache',
];
