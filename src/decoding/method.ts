import type { CachePolicy } from '../caching/policy.js';
import { type CacheOptions, createCachePolicy } from '../caching/registry.js';
import { UsageError } from '../errors.js';
import type { ModelDimensions } from '../models/types.js';
import type { UnmaskingRule } from './rule.js';
import { createUnmaskingRule, type UnmaskOptions } from './rules/registry.js';
import type { Generation } from './settings.js';

/** A method: which rows are computed, and which tokens are revealed. */
export interface MethodOptions {
  readonly cache: CacheOptions;
  readonly unmask: UnmaskOptions;
}

/**
 * A method's policy and rule for a model family, with no sample begun.
 * @throws UsageError `METHOD_NEEDS_ORDER`, `METHOD_FAMILY`, `METHOD_RULE`, `GENERATION_STEPS`
 */
export function createMethod(
  { cache: cacheOptions, unmask }: MethodOptions,
  family: ModelDimensions['family'],
  generation: Generation,
): { cache: CachePolicy; rule: UnmaskingRule } {
  const cache = createCachePolicy(cacheOptions, family);
  const rule = createUnmaskingRule(unmask, { family, cache: cacheOptions.policy, dream: generation.dream });
  if (cache.needsOrder === true && rule.scheduled === undefined) {
    throw new UsageError(
      'METHOD_NEEDS_ORDER',
      `cache policy "${cacheOptions.policy}" must know the order of unmasking beforehand; use unmask rule "random-order".`,
    );
  }
  if (cache.families !== undefined && !cache.families.includes(family)) {
    throw new UsageError(
      'METHOD_FAMILY',
      `cache policy "${cacheOptions.policy}" is defined for ${cache.families.join(', ')} models only, and this model is of family ${family}.`,
    );
  }
  if (family === 'dream') checkDream({ cache: cacheOptions, unmask }, generation);
  return { cache, rule };
}

/** What Fast-dLLM's samplers for Dream cannot do, and would end with masks left. */
function checkDream({ cache, unmask }: MethodOptions, { genLength, blockLength, steps }: Generation): void {
  const fastDllm = cache.policy === 'prefix' || cache.policy === 'dual';
  if (fastDllm && unmask.rule !== 'model' && unmask.rule !== 'threshold') {
    throw new UsageError(
      'METHOD_RULE',
      `cache policy "${cache.policy}" drops the row that predicts a block's first token (Dream), so only unmask rules "model" and "threshold", which reveal it at block start, work with it; the rule is "${unmask.rule}".`,
    );
  }
  const stepsPerBlock = steps / (genLength / blockLength);
  if (fastDllm && unmask.rule === 'model' && stepsPerBlock === 1 && blockLength > 1) {
    throw new UsageError(
      'GENERATION_STEPS',
      `generation.steps ${steps} is one step per block, which reveals only the first token of each (Dream with cache policy "${cache.policy}"); use at least ${2 * (genLength / blockLength)}.`,
    );
  }
  if (fastDllm || unmask.rule !== 'threshold') return;
  const { tokensPerStep } = unmask;
  if (tokensPerStep !== undefined && genLength % tokensPerStep !== 0) {
    throw new UsageError(
      'METHOD_RULE',
      `generation.genLength ${genLength} is not divisible by unmask.tokensPerStep ${tokensPerStep}, as the threshold sampler for Dream needs; use a divisor, or null to take genLength / steps.`,
    );
  }
  if (tokensPerStep === undefined && genLength % steps !== 0) {
    throw new UsageError(
      'GENERATION_STEPS',
      `generation.genLength ${genLength} is not divisible by generation.steps ${steps}, as the threshold sampler for Dream needs; use for example --steps ${genLength / blockLength}.`,
    );
  }
}
