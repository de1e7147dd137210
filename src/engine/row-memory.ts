import { releaseArrays } from './release.js';

/** Rows `[rows, width]` of the last pass that had them, by absolute position. */
export class RowMemory {
  readonly #width: number;
  #data: Float32Array;
  #rowOf = new Map<number, number>();

  constructor(width: number) {
    this.#width = width;
    this.#data = new Float32Array(width);
  }

  /** What was kept, as it came; one row of zeros before anything was. */
  get data(): Float32Array {
    return this.#data;
  }

  /** Keeps the rows of a pass in place of all earlier ones, which are freed. */
  keep(positions: Int32Array, data: Float32Array): void {
    releaseArrays([this.#data]);
    this.#data = data;
    this.#rowOf = new Map(Array.from(positions, (position, i) => [position, i]));
  }

  /** Where the row of a position stands in `data`; undefined where there is none. */
  indexOf(position: number): number | undefined {
    return this.#rowOf.get(position);
  }

  /** A copy of the rows of some positions. @throws RangeError if one is missing. */
  gather(positions: Int32Array): Float32Array {
    const rows = new Float32Array(positions.length * this.#width);
    for (const [i, position] of positions.entries()) {
      const at = this.indexOf(position);
      if (at === undefined) throw new RangeError(`no row is kept for position ${position}`);
      rows.set(this.#data.subarray(at * this.#width, (at + 1) * this.#width), i * this.#width);
    }
    return rows;
  }
}
