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

/** The rows that a layer computed in a partial update. */
export interface ChosenRows {
  /** 0-based number of the pass. */
  readonly step: number;
  readonly layer: number;
  /** Ascending, those before `first` left out. */
  readonly rows: readonly number[];
  /** First row that could be chosen. */
  readonly first: number;
  /** 1 - cos of every row from `first` on. */
  readonly distances: readonly number[];
}

/** What the last pass of a sample could choose from, and how its cache had chosen rows until then. */
export interface Margins {
  readonly positions: readonly number[];
  /** Of each position the probability of its best token. */
  readonly confidences: readonly number[];
  /** Difference of the two largest logits. */
  readonly gaps: readonly number[];
  /** By pass, then layer; empty without a cache that chooses rows. */
  readonly chosen: readonly ChosenRows[];
}
