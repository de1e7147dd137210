import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { parseModelConfig } from '../../src/models/config.js';
import { lladaWeights } from '../../src/models/llada.js';
import { fixedKeys } from '../../src/models/llada-keys.js';

const fixtures = fileURLToPath(new URL('../fixtures/conformance/models/', import.meta.url));
const tiny = JSON.parse(readFileSync(`${fixtures}tiny-llada-a/config.json`, 'utf8')) as Record<
  string,
  unknown
>;

/** LLaDA-8B-Instruct, from the table of its config.json. */
const llada8b = {
  ...tiny,
  d_model: 4096,
  n_layers: 32,
  n_heads: 32,
  n_kv_heads: 32,
  mlp_hidden_size: 12288,
  vocab_size: 126464,
  embedding_size: 126464,
  mask_token_id: 126336,
  eos_token_id: 126081,
  pad_token_id: 126081,
};

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

/** A copy without one key. */
const without = (key: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(tiny).filter(([name]) => name !== key));

describe('dimensions', () => {
  test('of a conformance model', () => {
    expect(parse(tiny).dimensions).toEqual({
      family: 'llada',
      dModel: 64,
      layers: 4,
      heads: 4,
      kvHeads: 4,
      headDim: 16,
      ffnDim: 176,
      vocabSize: 320,
      ropeTheta: 500_000,
      rmsEps: 1e-5,
      maxSequenceLength: 4096,
      maskId: 319,
      eosId: 318,
      qkvBias: false,
      predictsNext: false,
    });
  });

  test('of LLaDA-8B: the published number of parameters', () => {
    const { weights } = parse(llada8b);
    const parameters = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(parameters).toBe(8_015_581_184);
    expect(weights).toHaveLength(3 + 9 * 32);
  });

  test('the width of the logits is the embedding, which may be larger than the vocabulary', () => {
    expect(parse({ ...tiny, embedding_size: 384 }).dimensions.vocabSize).toBe(384);
    expect(parse({ ...tiny, embedding_size: null }).dimensions.vocabSize).toBe(320);
    expect(refusal({ ...tiny, embedding_size: 256 }).message).toContain('"embedding_size" 256');
  });

  test('absent numbers take the defaults of the configuration class', () => {
    const { rope_theta, rms_norm_eps, max_sequence_length, mlp_hidden_size, n_kv_heads, ...rest } = tiny;
    expect(parse(rest).dimensions).toMatchObject({
      ropeTheta: 10_000,
      rmsEps: 1e-5,
      maxSequenceLength: 1024,
      ffnDim: 256,
      kvHeads: 4,
    });
  });
});

describe('weights', () => {
  test('have the names of the official model class, the down projection apart from the head', () => {
    const weights = lladaWeights(parse(tiny).dimensions);
    const find = (role: string, layer?: number) => weights.find((w) => w.role === role && w.layer === layer);
    expect(find('embedding')).toMatchObject({ name: 'model.transformer.wte.weight', shape: [320, 64] });
    expect(find('down', 3)).toMatchObject({
      name: 'model.transformer.blocks.3.ff_out.weight',
      shape: [64, 176],
    });
    expect(find('gate', 0)).toMatchObject({
      name: 'model.transformer.blocks.0.ff_proj.weight',
      shape: [176, 64],
    });
    expect(find('head')).toMatchObject({ name: 'model.transformer.ff_out.weight', shape: [320, 64] });
    expect(new Set(weights.map(({ name }) => name)).size).toBe(weights.length);
  });
});

describe('keys that change the mathematics are refused by name', () => {
  const others: Record<string, unknown> = {
    block_type: 'sequential',
    block_group_size: 2,
    layer_norm_type: 'low_precision',
    activation_type: 'gelu',
    clip_qkv: 8,
  };
  test.each(fixedKeys.map(({ key, supported }) => [key, supported[0]] as const))('%s', (key, supported) => {
    const other = key in others ? others[key] : !supported;
    const error = refusal({ ...tiny, [key]: other });
    expect(error.code).toBe('MODEL_CONFIG_UNSUPPORTED');
    expect(error.message).toContain(`"${key}" is ${JSON.stringify(other)}`);
  });

  test.each([
    'block_type',
    'layer_norm_type',
    'activation_type',
    'rope',
    'weight_tying',
  ])('%s must be there, because its default is another architecture', (key) => {
    expect(refusal(without(key)).message).toMatch(new RegExp(`"${key}" is missing, which means`));
  });

  test.each([
    ['grouped heads', { n_kv_heads: 2 }, '"n_kv_heads" 2'],
    ['heads that do not divide the width', { n_heads: 5, n_kv_heads: 5 }, '"d_model" 64'],
    ['heads of odd width', { d_model: 60 }, '"d_model" 60'],
    ['a mask outside the vocabulary', { mask_token_id: 320 }, '"mask_token_id" 320'],
    ['a mask that is end-of-text', { mask_token_id: 318 }, 'both 318'],
    ['no layers', { n_layers: 0 }, '"n_layers"'],
    ['a text for a number', { d_model: '64' }, '"d_model"'],
    ['no mask', { mask_token_id: undefined }, '"mask_token_id"'],
    ['scaled positions', { rope_scaling: { type: 'linear', factor: 2 } }, '"rope_scaling"'],
    ['a misspelt key', { rope_thetta: 1e6 }, 'Did you mean "rope_theta"?'],
    ['another family', { model_type: 'qwen2' }, '"model_type" is "qwen2"; supported: llada, Dream'],
    ['no family', { model_type: undefined }, '"model_type" is missing'],
  ])('%s', (_, change, words) => {
    expect(refusal({ ...tiny, ...change }).message).toContain(words);
  });

  test('unknown keys that are switched off are let through', () => {
    expect(parse({ ...tiny, rope_scaling: null, new_feature: false }).dimensions).toEqual(
      parse(tiny).dimensions,
    );
  });

  test('a file that is no object, no JSON, or says two things', () => {
    expect(refusal([])).toMatchObject({ code: 'MODEL_CONFIG_INVALID' });
    expect(() => parseModelConfig('{')).toThrow(/not JSON/);
    expect(() => parseModelConfig('{"model_type":"llada","d_model":1,"d_model":2}')).toThrow(
      /"d_model".*twice/,
    );
  });
});
