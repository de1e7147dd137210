import { z } from 'zod';
import type { UnmaskingRule } from '../rule.js';
import { Apd, apdOptions } from './apd.js';
import { ApdReleased, apdReleasedOptions } from './apd-released.js';
import { ModelSchedule, modelScheduleOptions } from './model-schedule.js';
import { Threshold, thresholdOptions } from './threshold.js';

/** The options of every unmasking rule, by `rule`. A new rule joins here and in `createUnmaskingRule`. */
export const unmaskOptions = z.discriminatedUnion('rule', [
  modelScheduleOptions,
  thresholdOptions,
  apdOptions,
  apdReleasedOptions,
]);

export type UnmaskOptions = z.output<typeof unmaskOptions>;

/** A fresh rule, with no sample begun. */
export function createUnmaskingRule(options: UnmaskOptions): UnmaskingRule {
  switch (options.rule) {
    case 'model':
      return new ModelSchedule();
    case 'threshold':
      return new Threshold(options);
    case 'apd':
      return new Apd(options);
    case 'apd-released':
      return new ApdReleased(options);
  }
}
