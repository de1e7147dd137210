import type { ProbeKind, StepGraphSpec } from '../graph/spec.js';

/** The same rows in every layer. */
export interface UniformPlan {
  readonly kind: 'uniform';
  /** Absolute positions to compute, ascending, at least one. The others are read from the cache. */
  readonly rows: Int32Array;
  /** Those of `rows` whose fresh K and V go into the cache, or `all`, or `none`. */
  readonly store: Int32Array | 'all' | 'none';
}

/** Rows chosen layer by layer in the graph: the mandatory ones and the `budgets[l]` most changed candidates. */
export interface AdaptivePlan {
  readonly kind: 'adaptive';
  /** `[layers * length]`, 1 = the row is computed in that layer whatever its distance. */
  readonly mandatory: Uint8Array;
  /** `[length]`, 1 = the row may be chosen by its distance. */
  readonly candidates: Uint8Array;
  /** `[length]`, 1 = the row counts in the layer mean of the distances. */
  readonly scope: Uint8Array;
  /** `[layers]` rows to choose; at most the number of candidates. */
  readonly budgets: Int32Array;
  /** With `valueRows: 'listed'`: positions whose V is recomputed in layer 0 and in the other layers. */
  readonly valueRows?: { readonly first: Int32Array; readonly others: Int32Array };
  /** False = there is no earlier feature yet: every distance counts as 0. Default true. */
  readonly referenceKnown?: boolean;
  /** With `storeRaw`: `[layers]`, 1 = store the raw layer input of this pass as the feature. */
  readonly storeRaw?: Uint8Array;
  /**
   * What this pass would compute of the rows before this one is never read: they are no candidates, out of scope and
   * mandatory at most in layer 0, where their K and V stay what they are, and when another layer takes them again, layer
   * 0 takes them too. An engine may leave them out. Default 0.
   */
  readonly unread?: number;
}

export type RowPlan = UniformPlan | AdaptivePlan;

/** Everything that stays the same during one sample. */
export interface SampleSetup {
  readonly spec: StepGraphSpec;
  /** Prompt and response together. */
  readonly length: number;
  /** Guidance scale w of `z = z_u + (w + 1)(z_c - z_u)`; read with `spec.guidance`. */
  readonly guidanceScale?: number;
  /** Gumbel noise: `argmax(z + temperature * g)`; read with `spec.sampling`. */
  readonly sampling?: { readonly temperature: number; readonly seed: string };
  /** Scale and filter of the logits; read with `spec.nucleus`. `topK` 0 = all. */
  readonly nucleus?: { readonly temperature: number; readonly topP: number; readonly topK: number };
  /** Ids whose logit is -inf before the argmax and ids whose logit is -inf only in the softmax. */
  readonly tokenBias?: { readonly argmax: readonly number[]; readonly softmax: readonly number[] };
}

/** One forward pass. */
export interface StepRequest {
  /** `[length]` ids of the canvas. */
  readonly tokens: Int32Array;
  /** `[length]` ids of the unconditional stream; with `spec.guidance`. */
  readonly unconditionalTokens?: Int32Array;
  /**
   * With `spec.residualGuidance`: the rows of the unconditional stream, which refreshes the difference of the
   * streams for the head rows. Absent = take the difference of the last refresh.
   */
  readonly unconditionalPlan?: RowPlan;
  /** Absolute positions whose predictions are wanted; with a uniform plan a subset of its rows. */
  readonly headRows: Int32Array;
  /**
   * Computed rows that are not predicted in this pass, but may be in the next one, which wants to know then how their
   * distribution moved. Read where the graph has a lazy head (`graph/lazy-head.ts`).
   */
  readonly laterRows?: Int32Array;
  readonly plan: RowPlan;
  /** 0-based index of this pass in its sample; part of the noise counter. */
  readonly pass: number;
}

/** Layer tensors that a study asked for, by layer. */
export type ProbeTensors = { readonly [kind in ProbeKind]?: readonly Float32Array[] };

/** Work of a pass that changes nothing, and that the engine left out. Absent = none. */
export interface LeftOut {
  /** Rows before this one, see `AdaptivePlan.unread`. */
  readonly before?: number;
  /** The rows that the last layer computed, if it took K and V alone of the others of a uniform plan. */
  readonly lastLayerRows?: number;
  /** Rows of layer 0 whose q, K and V were kept. */
  readonly keptRows?: number;
}

/** Predictions of the head rows, in their order. */
export interface StepResult {
  /** `[headRows]` id with the largest (noisy) logit; ties go to the lower id. */
  readonly best: Int32Array;
  /** `[headRows]` softmax probability of `best` without noise. */
  readonly p1: Float64Array;
  /** `[headRows]` second largest probability. */
  readonly p2: Float64Array;
  /** `[headRows]` 1 - cos(distribution now, distribution of the previous pass); NaN where there is none. */
  readonly shift?: Float64Array;
  /** `[headRows]` sum of p ln p; with `spec.entropy`. */
  readonly entropy?: Float64Array;
  /** `[headRows * vocab]`; with `spec.logits`. */
  readonly logits?: Float32Array;
  /** With a lazy head: rows of the pass before that went through the head in this one. */
  readonly earlierHeadRows?: number;
  /** With an adaptive plan: the rows of each layer, ascending, those left out among them. */
  readonly layerRows?: Int32Array[];
  /** What the pass left out of its rows. */
  readonly leftOut?: LeftOut;
  /** The same of an unconditional stream that has a plan of its own. */
  readonly unconditionalLeftOut?: LeftOut;
  /** The same of the unconditional stream of guidance, on passes that run it. */
  readonly unconditionalLayerRows?: Int32Array[];
  /** With an adaptive plan: `[layers]` mean distance over the plan's scope (paper, eq. 5). */
  readonly layerMeans?: Float64Array;
  /** `[layers * length]` distances that rows were ranked by; with `spec.distances`. */
  readonly distances?: Float32Array;
  /** With `spec.probe`: of each kind the `[rows * width]` tensor of every layer, in the order of the plan's rows. */
  readonly probe?: ProbeTensors;
}

/** How an engine computes, by name: `attention: decomposed`, `weights: float32`. */
export type EngineFacts = Readonly<Record<string, string>>;

/**
 * A model on a device. The denoising loop sees nothing else, so another device joins by implementing this.
 * One sample at a time: `begin` drops all state of the sample before.
 */
export interface StepEngine {
  readonly device: string;
  /** What it found out about its device, for certificates and reports. */
  readonly facts: EngineFacts;
  readonly layers: number;
  begin(sample: SampleSetup): Promise<void>;
  step(request: StepRequest): Promise<StepResult>;
  /** Resident memory of the process that holds the session, in bytes. */
  memoryBytes(): Promise<number>;
  /** Wall milliseconds inside the session's `run`, over all passes so far; what a pass takes beyond is ours. */
  runMs(): Promise<number>;
  close(): Promise<void>;
}

/** The session is gone (its worker ended): no further sample can be run. */
export class EngineLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EngineLostError';
  }
}
