import type { RowPlan, StepResult } from '../engine/types.js';
import type { RowFamily } from '../graph/spec.js';
import type { ModelDimensions } from '../models/types.js';

/** The fixed facts of one sample. Response rows are `promptLength .. length - 1`. */
export interface SampleShape {
  readonly promptLength: number;
  readonly genLength: number;
  /** `promptLength + genLength`. */
  readonly length: number;
  readonly layers: number;
  /** Whether row j of the logits predicts position j + 1 (Dream). */
  readonly predictsNext: boolean;
}

/** The shape of no sample: what a policy holds before the first one. */
export const emptyShape: SampleShape = {
  promptLength: 0,
  genLength: 0,
  length: 0,
  layers: 0,
  predictsNext: false,
};

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
  /** 0-based count of passes since the block began. */
  readonly passInBlock: number;
  /** `[length]` canvas before the pass. */
  readonly tokens: Int32Array;
  readonly maskId: number;
  /** Absolute bounds of the current block, `[start, end)`. */
  readonly block: { readonly start: number; readonly end: number };
  /** Positions that this pass will unmask, where the rule knows them beforehand (random order). */
  readonly scheduled?: Int32Array;
  /** Positions that the pass after this one will unmask, where the rule knows them. */
  readonly scheduledNext?: Int32Array;
}

/**
 * Which rows a pass computes and which it takes from caches. One instance serves one sample after another;
 * `begin` forgets everything. The policy decides about rows only: tokens belong to the denoising loop.
 */
export interface CachePolicy {
  /** The kind of step graph that this policy needs. */
  readonly rows: RowFamily;
  /**
   * Passes that a block takes at least, for methods whose loop goes on until the block has no mask, whatever
   * the schedule says (Fast-dLLM with a cache). Absent: the unmasking rule decides when a block ends.
   */
  readonly minPassesPerBlock?: number;
  /**
   * Which passes that reveal nothing leave nothing behind either, so that they need not run: any, or those of a block
   * without masks, whose rows the next block computes anew. Absent: none, since each refreshes caches.
   */
  readonly idlePasses?: 'any' | 'of-finished-blocks';
  /**
   * How the policy treats classifier-free guidance, if not by running both streams at every pass: the
   * unconditional stream runs on some passes only, with caches and counters of its own.
   */
  readonly guidance?: { refreshDue(pass: number): boolean; readonly unconditional: CachePolicy };
  /** The model families that the policy is defined for; absent = all. */
  readonly families?: readonly ModelDimensions['family'][];
  /** Whether the policy works only with a rule that knows the order of unmasking beforehand. */
  readonly needsOrder?: boolean;
  begin(shape: SampleShape): void;
  beforeStep(view: PassView): RowPlan;
  afterStep(committed: readonly Commit[], result: StepResult): void;
}
