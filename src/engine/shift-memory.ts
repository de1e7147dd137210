import type { Tensor } from 'onnxruntime-node';
import { RowMemory } from './row-memory.js';
import { float32 } from './tensors.js';

/**
 * The distributions of the previous pass (as unit vectors, `[rows, vocab]` float32: 4 * rows * vocab bytes),
 * for `1 - cos(p_t, p_{t+1})`. The tensor that the session returned is fed back as it is; only an index per
 * head row is made anew.
 */
export class ShiftMemory {
  readonly #vocab: number;
  readonly #memory: RowMemory;

  constructor(vocab: number) {
    this.#vocab = vocab;
    this.#memory = new RowMemory(vocab);
  }

  /** Inputs for these head rows; `known[i]` says whether row i has a distribution of the previous pass. */
  feeds(headRows: Int32Array): { previous: Tensor; index: Int32Array; known: boolean[] } {
    const indices = Array.from(headRows, (row) => this.#memory.indexOf(row));
    const { data } = this.#memory;
    return {
      previous: float32(data, [data.length / this.#vocab, this.#vocab]),
      index: Int32Array.from(indices, (at) => at ?? 0),
      known: indices.map((at) => at !== undefined),
    };
  }

  /** Keeps the distributions of this pass for the next one. */
  keep(headRows: Int32Array, distributions: Float32Array): void {
    this.#memory.keep(headRows, distributions);
  }
}
