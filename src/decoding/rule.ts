import type { PassView } from '../caching/policy.js';

/** What the loop knows of the block under work. */
export interface BlockView extends PassView {
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
  /** `[n]` probability of the proposed id. */
  readonly p1: Float64Array;
  /** `[n]` second largest probability. */
  readonly p2: Float64Array;
  /** `[n]` 1 - cos with the distribution of the previous pass; NaN where there is none. Only if `needsShift`. */
  readonly shift?: Float64Array;
  /** `[n]` negative entropy. Only if `needsEntropy`. */
  readonly entropy?: Float64Array;
}

/** Thresholds of single tokens in one pass, as their confidence was compared with. */
export interface TokenThresholds {
  /** `[n]` absolute positions: those that were eligible, ascending. */
  readonly positions: Int32Array;
  /** `[n]` */
  readonly taus: Float64Array;
}

/** What a rule decided in one pass. */
export interface Selection {
  /** Indices into the predictions, of the positions to unmask. */
  readonly chosen: readonly number[];
  /** The scalar threshold in force, where the rule has one; for the trace. */
  readonly threshold?: number;
  /** Where the rule moves thresholds, and the sample asked for them; for the trace. */
  readonly thresholds?: TokenThresholds;
}

/** What a rule may want to know of a sample beforehand. */
export interface RuleSample {
  readonly seed: string;
  /** A recorded random order, block by block, in place of a drawn one (conformance). */
  readonly decodeOrder?: readonly (readonly number[])[];
  /** Recorded uniform draws of random transfer, pass by pass (conformance). */
  readonly draws?: readonly (readonly number[])[];
  /** Whether to return the thresholds of tokens. */
  readonly thresholds?: boolean;
}

/** Says which masked positions of the current block become tokens. One instance serves sample after sample. */
export interface UnmaskingRule {
  /** Whether the engine must return distribution shifts. */
  readonly needsShift: boolean;
  /** Whether the engine must return entropies. */
  readonly needsEntropy?: boolean;
  /** Whether the whole response is one block, whatever the block length. */
  readonly wholeSequence?: boolean;
  /** Rows to predict: the eligible ones (masked, up to the block's end) or all masked response rows. */
  readonly headRows: 'eligible' | 'masked';
  /**
   * Of all masked rows only the eligible ones are read; the others are predicted so that it is known, in the first pass
   * of their block, how their distributions moved since the pass before.
   */
  readonly readsEligible?: boolean;
  /** Whether a block ends after a fixed number of passes (else: when it has no mask). */
  readonly fixedSchedule: boolean;
  /** Starts a sample. */
  begin(sample: RuleSample): void;
  /** With a known order: the positions that a pass of the block unmasks. */
  scheduled?(view: BlockView, passInBlock: number): Int32Array;
  /** Whether a pass reveals nothing, whatever is predicted for the `masks` masked positions of the canvas or block. */
  revealsNothing?(view: BlockView, masks: number): boolean;
  select(predictions: Predictions, view: BlockView): Selection;
}

/**
 * H of eq. 10 for one prediction. A row that the pass before did not predict (a cache left it out) has nothing to
 * compare with and counts as stable; NaN would stick to its threshold for good.
 */
export function instability(predictions: Predictions, index: number): number {
  const shift = predictions.shift![index]!;
  return Number.isNaN(shift) ? 0 : shift;
}

/** Indices of the predictions that may be unmasked now: everything before the block's end. */
export function eligible(predictions: Predictions, view: BlockView): number[] {
  const indices: number[] = [];
  for (let i = 0; i < predictions.positions.length; i++) {
    if (predictions.positions[i]! < view.block.end) indices.push(i);
  }
  return indices;
}

/** The thresholds of some predictions, for the trace. */
export function thresholdsOf(
  predictions: Predictions,
  indices: readonly number[],
  threshold: (index: number) => number,
): TokenThresholds {
  return {
    positions: Int32Array.from(indices, (i) => predictions.positions[i]!),
    taus: Float64Array.from(indices, threshold),
  };
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
