import type { Tensor } from 'onnxruntime-node';
import { float32 } from './tensors.js';

/**
 * The distributions of the previous pass (as unit vectors, `[rows, vocab]` float32: 4 * rows * vocab bytes),
 * for `1 - cos(p_t, p_{t+1})`. The tensor that the session returned is fed back as it is; only an index per
 * head row is made anew.
 */
export class ShiftMemory {
  readonly #vocab: number;
  #previous: Float32Array | undefined;
  #rowOf = new Map<number, number>();

  constructor(vocab: number) {
    this.#vocab = vocab;
  }

  /** Inputs for these head rows; `known[i]` says whether row i has a distribution of the previous pass. */
  feeds(headRows: Int32Array): { previous: Tensor; index: Int32Array; known: boolean[] } {
    const index = new Int32Array(headRows.length);
    const known = Array.from(headRows, (row, i) => {
      const at = this.#rowOf.get(row);
      index[i] = at ?? 0;
      return at !== undefined;
    });
    const data = this.#previous ?? new Float32Array(this.#vocab);
    return { previous: float32(data, [data.length / this.#vocab, this.#vocab]), index, known };
  }

  /** Keeps the distributions of this pass for the next one. */
  keep(headRows: Int32Array, distributions: Float32Array): void {
    this.#previous = distributions;
    this.#rowOf = new Map(Array.from(headRows, (row, i) => [row, i]));
  }
}
