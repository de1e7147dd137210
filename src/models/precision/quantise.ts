import { GROUP_SIZE } from './stored.js';

/**
 * Rows of `[rows, inner]` float32 weights as int8, symmetric, one scale a row (`w = scale * q`, q from -127 to 127). The
 * values go into `into` `[inner, outputs]` at the columns from `first` on: matrix products want them so.
 */
export function quantiseInt8(
  weights: Float32Array,
  inner: number,
  into: Int8Array,
  { first, outputs }: { readonly first: number; readonly outputs: number },
): Float32Array {
  const rows = weights.length / inner;
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * inner; i < (row + 1) * inner; i++) {
      const size = Math.abs(weights[i]!);
      if (size > largest) largest = size;
    }
    scales[row] = largest / 127;
  }
  // A row of zeros has the scale 0, and its values are 0 whatever they are divided by.
  const inverse = scales.map((scale) => (scale === 0 ? 0 : 1 / scale));
  for (let column = 0; column < inner; column++) {
    const at = column * outputs + first;
    for (let row = 0; row < rows; row++) {
      into[at + row] = Math.round(weights[row * inner + column]! * inverse[row]!);
    }
  }
  return scales;
}

/**
 * `[rows, inner]` float32 weights as int4 in groups along the input: `w = scale * (q - 8)`, q from 0 to 15, two to a byte,
 * the first in the low half. The weight of the largest size in a group is met exactly (`q = 0`).
 */
export function quantiseInt4(weights: Float32Array): {
  readonly values: Uint8Array;
  readonly scales: Float32Array;
} {
  const groups = weights.length / GROUP_SIZE;
  const values = new Uint8Array(weights.length / 2);
  const scales = new Float32Array(groups);
  for (let group = 0; group < groups; group++) {
    const start = group * GROUP_SIZE;
    let largest = 0;
    for (let i = start; i < start + GROUP_SIZE; i++) {
      if (Math.abs(weights[i]!) > Math.abs(largest)) largest = weights[i]!;
    }
    scales[group] = largest / -8;
    const inverse = largest === 0 ? 0 : -8 / largest;
    for (let i = start; i < start + GROUP_SIZE; i += 2) {
      values[i / 2] = level(weights[i]! * inverse) | (level(weights[i + 1]! * inverse) << 4);
    }
  }
  return { values, scales };
}

/** The level of a weight that is divided by its scale. */
function level(multiple: number): number {
  const nearest = Math.round(multiple) + 8;
  return nearest > 15 ? 15 : nearest < 0 ? 0 : nearest;
}
