import type { DecodeResult } from '../../decoding/loop.js';
import type { ProbeKind } from '../../graph/spec.js';
import type { CsvCell } from '../../results/csv.js';
import type { ObservedPass } from './observed-engine.js';

/** What a study knows of a sample before its first pass. */
export interface ObservedSample {
  readonly benchmark: string;
  readonly id: string;
  readonly promptLength: number;
  readonly layers: number;
  readonly maskId: number;
  readonly genLength: number;
  /** Whether row j predicts position j + 1 (Dream). */
  readonly predictsNext: boolean;
  readonly text: (ids: readonly number[]) => string;
}

/** One CSV file of a figure, in long format. */
export interface FigureTable {
  /** Without the ending. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, CsvCell>>[];
}

/** What a figure comes down to: its files, and a short table for the terminal. */
export interface FigureResult {
  readonly tables: readonly FigureTable[];
  readonly shown: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/**
 * What one figure makes of the passes of vanilla decoding. It adds up as passes go by, so that its memory depends on
 * layers, steps and rows but never holds tensors of more than the last pass.
 */
export interface FigureStudy {
  /** Layer tensors that it reads. */
  readonly probe: readonly ProbeKind[];
  begin(sample: ObservedSample): void;
  pass(pass: ObservedPass): void;
  end(result: DecodeResult): void;
  result(): FigureResult;
}

/** Keeps the tensors of the last pass, to compare the next one with. */
export class LastPass {
  #last: ObservedPass | undefined;

  /** The pass before this one; undefined for the first of a sample. */
  swap(pass: ObservedPass): ObservedPass | undefined {
    const before = pass.step === 0 ? undefined : this.#last;
    this.#last = pass;
    return before;
  }
}

/** Layer tensors of one kind. @throws Error where the engine did not give them. */
export function probed(pass: ObservedPass, kind: ProbeKind): readonly Float32Array[] {
  const tensors = pass.result.probe?.[kind];
  if (tensors === undefined) throw new Error(`pass ${pass.step} has no tensors of kind ${kind}`);
  return tensors;
}
