import type { Tensor } from 'onnxruntime-node';
import type { DeviceTensors } from './tensors.js';

/**
 * Rows `[rows, width]` of the last pass that had them, on the device, by absolute position: distributions of the
 * pass before, or differences of the streams of guidance.
 */
export class KeptRows {
  #tensor: Tensor;
  #rowOf = new Map<number, number>();

  private constructor(tensor: Tensor) {
    this.#tensor = tensor;
  }

  /** Nothing kept yet. */
  static async create(tensors: DeviceTensors, width: number): Promise<KeptRows> {
    return new KeptRows(await tensors.zeros([1, width]));
  }

  /** What was kept, as it came; one row of zeros before anything was. */
  get tensor(): Tensor {
    return this.#tensor;
  }

  /** Keeps the rows of a pass in place of all earlier ones. */
  keep(positions: Int32Array, tensor: Tensor): void {
    this.#tensor.dispose();
    this.#tensor = tensor;
    this.#rowOf = new Map(Array.from(positions, (position, i) => [position, i]));
  }

  /** Where the rows of some positions stand; 0 and `known` false where there is none. */
  find(positions: Int32Array): { index: Int32Array; known: boolean[] } {
    const found = Array.from(positions, (position) => this.#rowOf.get(position));
    return { index: Int32Array.from(found, (at) => at ?? 0), known: found.map((at) => at !== undefined) };
  }

  dispose(): void {
    this.#tensor.dispose();
  }
}
