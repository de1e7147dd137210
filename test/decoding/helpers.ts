import type { BlockView, Predictions, UnmaskingRule } from '../../src/decoding/rule.js';
import { createUnmaskingRule, type RuleContext, unmaskOptions } from '../../src/decoding/rules/registry.js';

export const sample = { seed: '1' };

/** A rule with a sample begun. */
export function rule(options: Record<string, unknown>, context?: RuleContext): UnmaskingRule {
  const made = createUnmaskingRule(unmaskOptions.parse(options), context);
  made.begin(sample);
  return made;
}

/** Predictions of positions 10, 11, ... with these confidences. */
export function predictions(confidence: readonly number[], more: Partial<Predictions> = {}): Predictions {
  return {
    positions: Int32Array.from(confidence, (_, i) => 10 + i),
    ids: Int32Array.from(confidence, (_, i) => 100 + i),
    confidence: Float64Array.from(confidence),
    p1: Float64Array.from(confidence),
    p2: Float64Array.from(confidence, (p) => 1 - p),
    ...more,
  };
}

export function view(more: Partial<BlockView> = {}): BlockView {
  return {
    pass: 0,
    tokens: new Int32Array(0),
    maskId: 1,
    block: { start: 10, end: 14 },
    passInBlock: 0,
    stepsPerBlock: 2,
    masksAtStart: 4,
    ...more,
  };
}

export const same = (values: readonly number[]) => Float64Array.from(values);
