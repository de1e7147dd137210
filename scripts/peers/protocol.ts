import type { MethodOptions } from '../../src/decoding/method.js';
import type { Generation } from '../../src/decoding/settings.js';

/** One sample, as both sides read it: one JSON object a line. */
export interface DecodeCall extends MethodOptions {
  readonly prompt: readonly number[];
  readonly generation: Generation;
  /** Passes after which the sample ends; null = when it is decoded. */
  readonly passes: number | null;
}

/** Absolute position and token. */
export type Reveal = readonly [position: number, id: number];

export interface Decoded {
  /** What each pass revealed, ascending by position. A pass that was left out as useless is not among them. */
  readonly steps: readonly (readonly Reveal[])[];
  /** Wall time of each pass; together that of the denoising loop alone. */
  readonly passMs: readonly number[];
  /** `[promptLength + genLength]`, masks where passes were not run. */
  readonly tokens: readonly number[];
}

/** The same sample again, up to a pass whose choice is looked at; answered by `Margins`. */
export interface MarginsCall extends DecodeCall {
  readonly margins: true;
}

/** What the last pass of a sample could choose from. */
export interface Margins {
  readonly positions: readonly number[];
  /** Of each position the probability of its best token. */
  readonly confidences: readonly number[];
  /** Difference of the two largest logits. */
  readonly gaps: readonly number[];
}
