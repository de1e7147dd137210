import { describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { canonicalJson } from '../../src/config/canonical.js';
import { resolveGenerationConfig } from '../../src/config/generation-config.js';
import {
  listMethods,
  loadMethod,
  loadMethodFile,
  type SettingsId,
  settingsSchema,
} from '../../src/config/method.js';
import { listModels, resolveModel } from '../../src/config/model.js';
import { parseOverride } from '../../src/config/overrides.js';
import { listParameters } from '../../src/config/parameters.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { generationOptions } from '../../src/decoding/settings.js';

describe('the methods of the package', () => {
  test('ids, names and parts are those that tables and CSV files rely on', () => {
    const methods = listMethods().map((id) => {
      const { name, cache, unmask } = loadMethod(id);
      return `${id} | ${name} | ${cache.policy} | ${unmask.rule}`;
    });
    expect(methods).toMatchInlineSnapshot(`
      [
        "apd | APD only | none | apd",
        "dkv-cache | dKV-Cache | dkv-decode | model",
        "dkv-cache-greedy | dKV-Cache-Greedy | dkv-greedy | random-order",
        "dkv-cache-pd | dKV-Cache-PD | dkv-pd | model",
        "dkv-cache-prefill | dKV-Cache-Prefill | dkv-prefill | model",
        "dllm-cache | dLLM-Cache | dllm-cache | model",
        "dynamic-dllm | Dynamic-dLLM | dcu | model",
        "dynamic-dllm-apd | Dynamic-dLLM* | dcu | apd",
        "dynamic-dllm-released | Dynamic-dLLM (released code) | dcu-released | model",
        "dynamic-dllm-released-pd | Dynamic-dLLM* (released code) | dcu-released | apd-released",
        "fast-dllm | Fast-dLLM | dual | model",
        "fast-dllm-dual-parallel | Fast-dLLM* | dual | threshold",
        "fast-dllm-parallel | parallel only | none | threshold",
        "fast-dllm-prefix | Fast-dLLM (prefix) | prefix | model",
        "fast-dllm-prefix-parallel | Fast-dLLM* (prefix) | prefix | threshold",
        "vanilla | baseline | none | model",
      ]
    `);
  });

  test('no two have the same name', () => {
    const names = listMethods().map((id) => loadMethod(id).name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('an unknown one is answered with the nearest, or with the list', () => {
    expect(() => loadMethod('dynamic-dlm')).toThrow(
      /^there is no method "dynamic-dlm"\. Did you mean "dynamic-dllm"\?$/,
    );
    expect(() => loadMethod('zzz')).toThrow(
      'there is no method "zzz". Methods: apd, dkv-cache, dkv-cache-greedy,',
    );
    expect(() => loadMethod('../models/reference')).toThrow('there is no method "../models/reference".');
  });
});

describe('settings of a model or a preset', () => {
  const cacheOf = (reference: string, settings: SettingsId) => loadMethod(reference, settings).cache;

  test("the paper's baselines have other intervals on other models", () => {
    const intervals = (settings: SettingsId) => {
      const cache = cacheOf('dllm-cache', settings);
      return cache.policy === 'dllm-cache' ? [cache.promptInterval, cache.responseInterval] : [];
    };
    expect(settingsSchema.options.map(intervals)).toEqual([
      [50, 7],
      [100, 6],
      [50, 2],
    ]);
    expect(cacheOf('dkv-cache', 'llada')).toMatchObject({ refreshInterval: 8 });
    expect(cacheOf('dkv-cache', 'llada-1.5')).toMatchObject({ refreshInterval: 8 });
    expect(cacheOf('dkv-cache', 'dream')).toMatchObject({ refreshInterval: 4 });
  });

  test('a preset lies over the file, whatever the model, and another rule replaces the one before', () => {
    const preset = 'dllm-cache@llada-instruct-humaneval';
    for (const settings of settingsSchema.options) {
      expect(cacheOf(preset, settings)).toMatchObject({
        promptInterval: 50,
        responseInterval: 8,
        updateRatio: 0.25,
      });
    }
    expect(loadMethod(preset)).toMatchObject({ id: preset, name: 'dLLM-Cache (llada-instruct-humaneval)' });
    const { unmask } = loadMethod('fast-dllm-parallel@factor-1');
    expect(unmask).toEqual({ rule: 'factor', factor: 1, offByOne: true });
  });

  test('every preset of every method makes a config that can be generated with', () => {
    for (const id of listMethods()) {
      for (const preset of Object.keys(loadMethodFile(id).presets)) {
        const method = `${id}@${preset}`;
        const { generation } = resolveGenerationConfig({ model: 'reference', method, overrides: [] });
        expect(generation.genLength % generation.blockLength, method).toBe(0);
      }
    }
    const script = resolveGenerationConfig({
      model: 'reference',
      method: 'dynamic-dllm-released@gsm8k-script',
      overrides: [parseOverride('generation.genLength=64'), parseOverride('generation.steps=64')],
    });
    expect(script.generation).toMatchObject({ genLength: 64, blockLength: 8, steps: 64 });
  });
});

describe('models', () => {
  test('an id comes from its file, a folder is taken as it is', () => {
    expect(listModels()).toEqual(
      expect.arrayContaining(['reference', 'reference-dream', 'llada-8b-instruct']),
    );
    expect(resolveModel('reference')).toMatchObject({ id: 'reference', titleNote: 'reference model' });
    const folder = resolveModel('test/fixtures/conformance/models/tiny-llada-a/');
    expect(folder.id).toBe('tiny-llada-a');
    expect(folder.dir.endsWith('models/tiny-llada-a')).toBe(true);
    expect(folder.titleNote).toBeUndefined();
  });

  test.each(['', 'package.json', 'no/such/folder'])('"%s" is no model', (name) => {
    expect(() => resolveModel(name)).toThrow(
      `there is no model "${name}": neither an id (dream-7b-base, dream-7b-instruct, llada-1-5`,
    );
  });
});

describe('parameters', () => {
  test('every setting of every method is described, with a default that its schema gives', () => {
    for (const id of listMethods()) {
      const { cache, unmask } = loadMethod(id);
      const parameters = [
        ...listParameters(cacheOptions, cache, 'method.cache'),
        ...listParameters(unmaskOptions, unmask, 'method.unmask'),
        ...listParameters(generationOptions, generationOptions.parse({}), 'generation'),
      ];
      for (const { path, description, type, value } of parameters) {
        expect(description, path).not.toBe('');
        expect(type, path).not.toBe('value');
        const derived = ['generation.steps', 'method.unmask.tokensPerStep'];
        if (!derived.includes(path)) expect(value, path).not.toBeNull();
      }
    }
  });

  test('bounds and choices are those of the schema', () => {
    const parameters = listParameters(unmaskOptions, { rule: 'apd-released', mode: 2 }, 'u');
    expect(parameters.find(({ path }) => path === 'u.mode')).toMatchObject({
      type: 'choice',
      values: [0, 1, 2],
      default: 1,
      value: 2,
    });
    const [tau] = listParameters(unmaskOptions, { rule: 'threshold', tau: 0.4 }, 'u');
    expect(tau).toMatchObject({ type: 'number', minimum: 0, maximum: 1, default: 0.9, value: 0.4 });
    const budget = listParameters(cacheOptions, { policy: 'dcu' }, 'c').find(
      (p) => p.path === 'c.layerBudget',
    );
    expect(budget).toMatchObject({ type: 'whole number', minimum: 0 });
    expect(budget).not.toHaveProperty('maximum');
  });
});

describe('canonical JSON', () => {
  test('sorts keys at every depth, keeps lists, drops what is undefined', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 'x"' }], a: null, e: undefined })).toBe(
      '{"a":null,"b":[{"c":"x\\"","d":1}]}',
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, 10n, Symbol('s')])('refuses %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });
});
