import type { ModelDimensions } from './types.js';

/** Where one special token stands in a published tokenizer. */
export interface PublishedToken {
  readonly content: string;
  readonly id: number;
}

/** A published model, as far as its files are known without them. */
export interface PublishedModel {
  readonly id: 'llada-8b' | 'llada-1.5' | 'dream-7b';
  readonly family: ModelDimensions['family'];
  /** Repository on the Hugging Face hub. */
  readonly hub: string;
  /** config.json, key by key. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Bytes of tensors in one shard at most. */
  readonly shardBytes: number;
  readonly tokens: {
    readonly bos: PublishedToken;
    readonly eos: PublishedToken;
    readonly mask: PublishedToken;
  };
  /** The other special tokens, which chat templates name. */
  readonly chatTokens: readonly PublishedToken[];
}

/** LLaDA-8B-Instruct's, read in full from a public copy (shared notes on the models, 1.1). */
const lladaConfig = {
  activation_type: 'silu',
  alibi: false,
  alibi_bias_max: 8,
  architectures: ['LLaDAModelLM'],
  attention_dropout: 0,
  attention_layer_norm: false,
  attention_layer_norm_with_affine: true,
  auto_map: {
    AutoConfig: 'configuration_llada.LLaDAConfig',
    AutoModel: 'modeling_llada.LLaDAModelLM',
    AutoModelForCausalLM: 'modeling_llada.LLaDAModelLM',
  },
  bias_for_layer_norm: false,
  block_group_size: 1,
  block_type: 'llama',
  d_model: 4096,
  embedding_dropout: 0,
  embedding_size: 126_464,
  eos_token_id: 126_081,
  flash_attention: false,
  include_bias: false,
  include_qkv_bias: false,
  init_cutoff_factor: null,
  init_device: 'meta',
  init_fn: 'mitchell',
  init_std: 0.02,
  input_emb_norm: false,
  layer_norm_type: 'rms',
  layer_norm_with_affine: true,
  mask_token_id: 126_336,
  max_sequence_length: 4096,
  mlp_hidden_size: 12_288,
  mlp_ratio: 4,
  model_type: 'llada',
  multi_query_attention: null,
  n_heads: 32,
  n_kv_heads: 32,
  n_layers: 32,
  pad_token_id: 126_081,
  precision: 'amp_bf16',
  residual_dropout: 0,
  rms_norm_eps: 1e-5,
  rope: true,
  rope_full_precision: true,
  rope_theta: 500_000,
  scale_logits: false,
  transformers_version: '4.46.3',
  use_cache: false,
  vocab_size: 126_464,
  weight_tying: false,
} as const;

const lladaTokens = {
  // The published index has six shards for 16.0 GB.
  shardBytes: 3e9,
  tokens: {
    bos: { content: '<|startoftext|>', id: 126_080 },
    eos: { content: '<|endoftext|>', id: 126_081 },
    mask: { content: '<|mdm_mask|>', id: 126_336 },
  },
  chatTokens: [
    { content: '<|start_header_id|>', id: 126_346 },
    { content: '<|end_header_id|>', id: 126_347 },
    { content: '<|eot_id|>', id: 126_348 },
  ],
} as const;

/** Dream-v0-Instruct-7B's sizes, from sources that agree with each other; its config.json was not to be had. */
const dreamConfig = {
  architectures: ['DreamModel'],
  attention_dropout: 0,
  auto_map: { AutoConfig: 'configuration_dream.DreamConfig', AutoModel: 'modeling_dream.DreamModel' },
  bos_token_id: 151_643,
  eos_token_id: 151_643,
  hidden_act: 'silu',
  hidden_size: 3584,
  initializer_range: 0.02,
  intermediate_size: 18_944,
  mask_token_id: 151_666,
  max_position_embeddings: 131_072,
  max_window_layers: 28,
  model_type: 'Dream',
  num_attention_heads: 28,
  num_hidden_layers: 28,
  num_key_value_heads: 4,
  pad_token_id: 151_643,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 1_000_000,
  sliding_window: null,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  transformers_version: '4.46.2',
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 152_064,
} as const;

/** The models that the paper measures. */
export const publishedModels: readonly PublishedModel[] = [
  {
    id: 'llada-8b',
    family: 'llada',
    hub: 'GSAI-ML/LLaDA-8B-Instruct',
    config: lladaConfig,
    ...lladaTokens,
  },
  {
    id: 'llada-1.5',
    family: 'llada',
    hub: 'GSAI-ML/LLaDA-1.5',
    // Every harness loads it through LLaDA-8B's class with another path alone.
    config: lladaConfig,
    ...lladaTokens,
  },
  {
    id: 'dream-7b',
    family: 'dream',
    hub: 'Dream-org/Dream-v0-Instruct-7B',
    config: dreamConfig,
    shardBytes: 5e9,
    tokens: {
      bos: { content: '<|beginoftext|>', id: 151_665 },
      eos: { content: '<|endoftext|>', id: 151_643 },
      mask: { content: '<|mask|>', id: 151_666 },
    },
    chatTokens: [
      { content: '<|im_start|>', id: 151_644 },
      { content: '<|im_end|>', id: 151_645 },
    ],
  },
];
