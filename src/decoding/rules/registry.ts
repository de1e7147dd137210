import { z } from 'zod';
import type { CacheOptions } from '../../caching/registry.js';
import type { ModelDimensions } from '../../models/types.js';
import type { UnmaskingRule } from '../rule.js';
import { type DreamOptions, dreamOptions } from '../settings.js';
import { Apd, apdOptions } from './apd.js';
import { ApdReleased, apdReleasedOptions } from './apd-released.js';
import { DreamBlock } from './dream-block.js';
import { DreamSchedule } from './dream-schedule.js';
import { DreamThreshold } from './dream-threshold.js';
import { Factor, factorOptions } from './factor.js';
import { modelScheduleOptions, Quota, quotaOptions } from './quota.js';
import { RandomOrder, randomOrderOptions } from './random-order.js';
import { Threshold, thresholdOptions } from './threshold.js';

/** The options of every unmasking rule, by `rule`. A new rule joins here and in `createUnmaskingRule`. */
export const unmaskOptions = z.discriminatedUnion('rule', [
  modelScheduleOptions,
  quotaOptions,
  randomOrderOptions,
  thresholdOptions,
  factorOptions,
  apdOptions,
  apdReleasedOptions,
]);

export type UnmaskOptions = z.output<typeof unmaskOptions>;

/** What decides which rule an option stands for, beside the option itself. */
export interface RuleContext {
  readonly family: ModelDimensions['family'];
  readonly cache: CacheOptions['policy'];
  readonly dream: DreamOptions;
}

const lladaContext: RuleContext = { family: 'llada', cache: 'none', dream: dreamOptions.parse({}) };

/** A fresh rule, with no sample begun. Dream has samplers of its own behind `model` and `threshold`. */
export function createUnmaskingRule(
  options: UnmaskOptions,
  context: RuleContext = lladaContext,
): UnmaskingRule {
  const dream = context.family === 'dream';
  const blockSampler = dream && (context.cache === 'prefix' || context.cache === 'dual');
  switch (options.rule) {
    case 'model':
      if (blockSampler) return new DreamBlock({ tau: undefined, eps: context.dream.eps });
      return dream ? new DreamSchedule(context.dream) : new Quota();
    case 'quota':
      return new Quota();
    case 'random-order':
      return new RandomOrder();
    case 'threshold':
      if (blockSampler) return new DreamBlock({ tau: options.tau, eps: context.dream.eps });
      return dream ? new DreamThreshold(options) : new Threshold(options);
    case 'factor':
      return new Factor(options);
    case 'apd':
      return new Apd(options);
    case 'apd-released':
      return new ApdReleased(options);
  }
}
