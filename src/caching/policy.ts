import type { RowPlan, StepResult } from '../engine/types.js';
import type { RowFamily } from '../graph/spec.js';

/** The fixed facts of one sample. Response rows are `promptLength .. length - 1`. */
export interface SampleShape {
  readonly promptLength: number;
  readonly genLength: number;
  /** `promptLength + genLength`. */
  readonly length: number;
  readonly layers: number;
}

/** A token that became visible in a pass. */
export interface Commit {
  /** Absolute, prompt included. */
  readonly position: number;
  readonly id: number;
  /** What the unmasking rule ranked by: the softmax probability, or the random score of random remasking. */
  readonly confidence: number;
}

/** What a policy may look at before a pass. */
export interface PassView {
  /** 0-based count of forward passes of this sample. */
  readonly pass: number;
  /** `[length]` canvas before the pass. */
  readonly tokens: Int32Array;
  readonly maskId: number;
  /** Absolute bounds of the current block, `[start, end)`. */
  readonly block: { readonly start: number; readonly end: number };
}

/**
 * Which rows a pass computes and which it takes from caches. One instance serves one sample after another;
 * `begin` forgets everything. The policy decides about rows only: tokens belong to the denoising loop.
 */
export interface CachePolicy {
  /** The kind of step graph that this policy needs. */
  readonly rows: RowFamily;
  begin(shape: SampleShape): void;
  beforeStep(view: PassView): RowPlan;
  afterStep(committed: readonly Commit[], result: StepResult): void;
}
