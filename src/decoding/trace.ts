import type { Commit } from '../caching/policy.js';
import type { TokenThresholds } from './rule.js';

/** One pass of a trace: what became visible, and what the method chose on the way. */
export interface TraceStep {
  /** 0-based. */
  readonly step: number;
  /** Ascending by position; empty if the pass revealed nothing. */
  readonly committed: readonly Commit[];
  /** Rows that all layers computed; where layers differ, `layerRows` instead. */
  readonly rows?: Int32Array;
  /** Rows that each layer computed, where layers differ. */
  readonly layerRows?: readonly Int32Array[];
  /** Mean distances per layer (paper, eq. 5), where the method has them. */
  readonly layerMeans?: Float64Array;
  /** Row budgets per layer, where the method has them. */
  readonly layerBudgets?: Int32Array;
  /** `[layers * length]` distances that rows were ranked by, where they were asked for. */
  readonly distances?: Float32Array;
  /** Scalar threshold in force, where the method has one. */
  readonly threshold?: number;
  /** Thresholds of eligible tokens, where the rule moves them and they were asked for. */
  readonly thresholds?: TokenThresholds;
}

/** The canvas after all steps of a trace, from the prompt and the commits alone. */
export function replay(
  promptIds: Int32Array,
  genLength: number,
  maskId: number,
  steps: readonly TraceStep[],
): Int32Array {
  const tokens = new Int32Array(promptIds.length + genLength).fill(maskId);
  tokens.set(promptIds);
  for (const { committed } of steps) for (const { position, id } of committed) tokens[position] = id;
  return tokens;
}
