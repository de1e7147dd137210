import { describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { listMethods, loadMethod } from '../../src/config/method.js';
import { createMethod } from '../../src/decoding/method.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { UsageError } from '../../src/errors.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { generation } from '../oracle/run.js';

type Family = ModelDimensions['family'];

function refusal(
  policy: string,
  rule: string,
  family: Family,
  settings = {},
): Pick<UsageError, 'code' | 'message'> {
  const method = { cache: cacheOptions.parse({ policy }), unmask: unmaskOptions.parse({ rule }) };
  try {
    createMethod(method, family, generation({ genLength: 64, blockLength: 32, ...settings }));
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  return { code: 'none', message: '' };
}

describe('what does not go together is refused by name', () => {
  test.each<[string, string, Family, object, string, RegExp]>([
    ['dkv-greedy', 'model', 'llada', {}, 'METHOD_NEEDS_ORDER', /use unmask rule "random-order"/],
    ['dkv-greedy', 'random-order', 'dream', {}, 'METHOD_FAMILY', /for llada models only/],
    ['dkv-prefill', 'model', 'llada', {}, 'METHOD_FAMILY', /for dream models only/],
    ['dkv-pd', 'model', 'llada', {}, 'METHOD_FAMILY', /"dkv-pd"/],
    ['prefix', 'apd', 'dream', {}, 'METHOD_RULE', /the rule is "apd"/],
    ['dual', 'factor', 'dream', {}, 'METHOD_RULE', /"model" and "threshold"/],
    ['dual', 'model', 'dream', { steps: 2 }, 'GENERATION_STEPS', /use at least 4\.$/],
    ['none', 'threshold', 'dream', { steps: 48 }, 'GENERATION_STEPS', /not divisible by generation.steps 48/],
  ])('%s with %s on %s %o', (policy, rule, family, settings, code, message) => {
    const refused = refusal(policy, rule, family, settings);
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
  });

  test.each<[string, string, Family, object]>([
    ['dkv-greedy', 'random-order', 'llada', {}],
    ['dkv-decode', 'model', 'dream', {}],
    ['dual', 'apd', 'llada', {}],
    ['dual', 'model', 'llada', { steps: 2 }],
    ['dual', 'model', 'dream', { steps: 4 }],
    ['dual', 'model', 'dream', { genLength: 8, blockLength: 1, steps: 8 }],
    ['dual', 'threshold', 'dream', { steps: 2 }],
    ['none', 'threshold', 'dream', { steps: 2 }],
    ['none', 'threshold', 'llada', { steps: 48 }],
  ])('%s with %s on %s %o is fine', (policy, rule, family, settings) => {
    expect(refusal(policy, rule, family, settings)).toEqual({ code: 'none', message: '' });
  });
});

test('every method of the package works for a family at least, with the default settings', () => {
  const families = (id: string) =>
    (['llada', 'dream'] as const).filter((family) => {
      try {
        createMethod(loadMethod(id), family, generation({}));
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return false;
      }
    });
  for (const id of listMethods()) expect(families(id), id).not.toEqual([]);
  expect(families('dkv-cache-greedy')).toEqual(['llada']);
  for (const id of ['dkv-cache-pd', 'dkv-cache-prefill']) expect(families(id)).toEqual(['dream']);
  expect(families('dynamic-dllm')).toEqual(['llada', 'dream']);
});
