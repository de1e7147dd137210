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

/** PyTorch alone: how near to a tie a plain forward of a canvas is, for every row. */
export interface Margins {
  /** Difference of the two largest logits. */
  readonly gaps: readonly number[];
  /** Probability of the best token. */
  readonly confidences: readonly number[];
}
