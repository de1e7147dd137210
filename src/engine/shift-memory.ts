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

  /**
   * Inputs for these head rows; `known[i]` says whether row i has a distribution of the previous pass.
   * @param earlier Rows whose distribution of that pass is made in this one, behind the head rows (`lazy-head.ts`).
   */
  feeds(
    headRows: Int32Array,
    earlier: Int32Array = new Int32Array(0),
  ): { previous: Tensor; index: Int32Array; known: boolean[] } {
    const { data } = this.#memory;
    const rows = data.length / this.#vocab;
    const behind = new Map(Array.from(earlier, (row, i) => [row, rows + headRows.length + i]));
    const indices = Array.from(headRows, (row) => this.#memory.indexOf(row) ?? behind.get(row));
    return {
      previous: float32(data, [rows, this.#vocab]),
      // What moved in earlier rows is of no interest.
      index: Int32Array.of(...indices.map((at) => at ?? 0), ...earlier.map(() => 0)),
      known: indices.map((at) => at !== undefined),
    };
  }

  /** Keeps the distributions of this pass for the next one. */
  keep(headRows: Int32Array, distributions: Float32Array): void {
    this.#memory.keep(headRows, distributions);
  }
}
