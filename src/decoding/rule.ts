import type { PassView } from '../caching/policy.js';

/** What the loop knows of the block under work. */
export interface BlockView extends PassView {
  /** 0-based count of passes since the block began. */
  readonly passInBlock: number;
  /** Passes that a fixed schedule gives to a block. */
  readonly stepsPerBlock: number;
  /** Masked positions inside the block when it began. */
  readonly masksAtStart: number;
}

/** Predictions of the rows that the rule asked for, in ascending order of position. */
export interface Predictions {
  /** `[n]` absolute positions, all masked. */
  readonly positions: Int32Array;
  /** `[n]` proposed ids. */
  readonly ids: Int32Array;
  /** `[n]` what ranks them: the probability of the proposed id, or a random score. */
  readonly confidence: Float64Array;
  /** `[n]` second largest probability. */
  readonly p2: Float64Array;
  /** `[n]` 1 - cos with the distribution of the previous pass; NaN where there is none. Only if `needsShift`. */
  readonly shift?: Float64Array;
}

/** What a rule decided in one pass. */
export interface Selection {
  /** Indices into the predictions, of the positions to unmask. */
  readonly chosen: readonly number[];
  /** The scalar threshold in force, where the rule has one; for the trace. */
  readonly threshold?: number;
}

/** Says which masked positions of the current block become tokens. One instance serves sample after sample. */
export interface UnmaskingRule {
  /** Whether the engine must return distribution shifts. */
  readonly needsShift: boolean;
  /** Rows to predict: the eligible ones (masked, up to the block's end) or all masked response rows. */
  readonly headRows: 'eligible' | 'masked';
  /** Whether a block ends after a fixed number of passes (else: when it has no mask). */
  readonly fixedSchedule: boolean;
  begin(): void;
  select(predictions: Predictions, view: BlockView): Selection;
}

/** Indices of the predictions that may be unmasked now: everything before the block's end. */
export function eligible(predictions: Predictions, view: BlockView): number[] {
  const indices: number[] = [];
  for (let i = 0; i < predictions.positions.length; i++) {
    if (predictions.positions[i]! < view.block.end) indices.push(i);
  }
  return indices;
}

/** Orders indices by confidence, highest first; ties go to the lower position. */
export function byConfidence(predictions: Predictions, indices: readonly number[]): number[] {
  const { confidence, positions } = predictions;
  return [...indices].sort((a, b) => confidence[b]! - confidence[a]! || positions[a]! - positions[b]!);
}

/** The indices whose confidence reaches `threshold(i)`, and always the most confident one. */
export function atLeast(
  predictions: Predictions,
  indices: readonly number[],
  threshold: (index: number) => number,
): number[] {
  return byConfidence(predictions, indices).filter(
    (i, rank) => rank === 0 || predictions.confidence[i]! >= threshold(i),
  );
}
