import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { openSafetensors, readTensor } from '../../src/formats/safetensors/file.js';
import { writeSafetensors } from '../../src/formats/safetensors/write.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { parseModelConfig } from '../../src/models/config.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { fixtureModels, smallDreamSize } from '../oracle/checkpoints.js';

const tiny = JSON.parse(readFileSync(join(fixtureModels, 'tiny-dream-c', 'config.json'), 'utf8')) as Record<
  string,
  unknown
>;

const parse = (config: unknown) => parseModelConfig(JSON.stringify(config));

function refusal(config: unknown): UsageError {
  try {
    parse(config);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain('config.json');
    return error as UsageError;
  }
  throw new Error('the config was taken');
}

describe('dimensions', () => {
  test('of a conformance model', () => {
    expect(parse(tiny).dimensions).toEqual({
      family: 'dream',
      dModel: 64,
      layers: 4,
      heads: 4,
      kvHeads: 2,
      headDim: 16,
      ffnDim: 176,
      vocabSize: 320,
      ropeTheta: 1_000_000,
      rmsEps: 1e-6,
      qkvBias: true,
      predictsNext: true,
      maxSequenceLength: 131_072,
      maskId: 319,
      eosId: 318,
      bosId: 317,
    });
  });

  test('of Dream-7B: the derived number of parameters, with grouped heads and biases', () => {
    const dream7b = {
      ...tiny,
      hidden_size: 3584,
      num_hidden_layers: 28,
      num_attention_heads: 28,
      num_key_value_heads: 4,
      intermediate_size: 18944,
      vocab_size: 152064,
      mask_token_id: 151666,
      eos_token_id: 151643,
      pad_token_id: 151643,
      bos_token_id: 151643,
    };
    const { weights } = parse(dream7b);
    const parameters = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(parameters).toBe(7_615_616_512);
    expect(weights).toHaveLength(3 + 12 * 28);
    const find = (role: string) => weights.find((w) => w.role === role && w.layer === 27);
    expect(find('k')).toMatchObject({ name: 'model.layers.27.self_attn.k_proj.weight', shape: [512, 3584] });
    expect(find('vBias')).toMatchObject({ name: 'model.layers.27.self_attn.v_proj.bias', shape: [512] });
    expect(new Set(weights.map(({ name }) => name)).size).toBe(weights.length);
  });

  test('absent numbers take the defaults of the configuration class', () => {
    const { rope_theta, rms_norm_eps, max_position_embeddings, eos_token_id, ...rest } = tiny;
    expect(parse(rest).dimensions).toMatchObject({
      ropeTheta: 10_000,
      rmsEps: 1e-6,
      maxSequenceLength: 32_768,
      eosId: 318,
    });
  });
});

describe('keys that change the mathematics', () => {
  test.each([
    [
      'a sliding window',
      { use_sliding_window: true },
      'MODEL_CONFIG_UNSUPPORTED',
      '"use_sliding_window" is true',
    ],
    [
      'tied embeddings',
      { tie_word_embeddings: true },
      'MODEL_CONFIG_UNSUPPORTED',
      '"tie_word_embeddings" is true',
    ],
    [
      'scaled positions',
      { rope_scaling: { type: 'yarn', factor: 4 } },
      'MODEL_CONFIG_UNSUPPORTED',
      '"rope_scaling" is {"type":"yarn","factor":4}',
    ],
    ['another activation', { hidden_act: 'gelu' }, 'MODEL_CONFIG_UNSUPPORTED', '"hidden_act" is "gelu"'],
    ['dropout', { attention_dropout: 0.1 }, 'MODEL_CONFIG_UNSUPPORTED', '"attention_dropout" is 0.1'],
    [
      'heads that do not divide the width',
      { num_attention_heads: 5 },
      'MODEL_CONFIG_UNSUPPORTED',
      '"hidden_size" 64',
    ],
    [
      'KV heads that do not divide the heads',
      { num_key_value_heads: 3 },
      'MODEL_CONFIG_UNSUPPORTED',
      '"num_key_value_heads" 3',
    ],
    [
      'a mask outside the vocabulary',
      { mask_token_id: 320 },
      'MODEL_CONFIG_UNSUPPORTED',
      '"mask_token_id" 320',
    ],
    ['a mask that is end-of-text', { mask_token_id: 318 }, 'MODEL_CONFIG_UNSUPPORTED', 'both 318'],
    ['no KV heads', { num_key_value_heads: undefined }, 'MODEL_CONFIG_INVALID', '"num_key_value_heads"'],
    ['no mask', { mask_token_id: undefined }, 'MODEL_CONFIG_INVALID', '"mask_token_id"'],
    ["LLaDA's name of a key", { n_layers: 4 }, 'MODEL_CONFIG_UNKNOWN_KEY', 'unknown key "n_layers"'],
    ['a misspelt key', { rope_thetta: 1e6 }, 'MODEL_CONFIG_UNKNOWN_KEY', 'Did you mean "rope_theta"?'],
  ])('%s is refused', (_, change, code, words) => {
    const error = refusal({ ...tiny, ...change });
    expect(error.message).toContain(words);
    expect(error.code).toBe(code);
  });

  test('what is only read with a sliding window, or switched off, is let through', () => {
    const harmless = { ...tiny, sliding_window: 4096, max_window_layers: 28, new_feature: false };
    expect(parse(harmless).dimensions).toEqual(parse(tiny).dimensions);
  });

  test('heads may share one KV head', () => {
    expect(parse({ ...tiny, num_key_value_heads: 1 }).dimensions.kvHeads).toBe(1);
  });
});

describe('checkpoints', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'repro-dream-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  test('a random one opens with the dimensions that were asked for', async () => {
    const path = join(dir, 'random');
    const written = await writeRandomCheckpoint(path, smallDreamSize, { seed: 's', family: 'dream' });
    const { dimensions, weights } = await openCheckpoint(path);
    expect(dimensions).toEqual(written);
    expect(dimensions).toMatchObject({
      family: 'dream',
      heads: 4,
      kvHeads: 2,
      headDim: 8,
      predictsNext: true,
    });
    expect(weights.size).toBe(3 + 12 * 3);
  });

  test.each(['q_proj', 'k_proj', 'v_proj'])('without the bias of %s is refused by its name', async (leaf) => {
    const path = join(dir, leaf);
    await writeRandomCheckpoint(path, smallDreamSize, { seed: 's', family: 'dream' });
    const file = join(path, 'model.safetensors');
    const missing = `model.layers.1.self_attn.${leaf}.bias`;
    const tensors = [];
    for (const tensor of (await openSafetensors(file)).tensors.values()) {
      const { name, dtype, shape } = tensor;
      if (name !== missing) tensors.push({ name, dtype, shape, data: await readTensor(tensor) });
    }
    await writeSafetensors(file, tensors, { format: 'pt' });
    const error: unknown = await openCheckpoint(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(missing);
  });
});
