/** Plain float64 vectors and matrices, written to be read. */

export type Row = Float64Array;

/** Row-major `[rows, columns]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** `W x` for `W` as it lies in a checkpoint, `[out, in]`. */
export function multiply({ rows, columns, data }: Matrix, x: Row): Row {
  const y = new Float64Array(rows);
  for (let o = 0; o < rows; o++) {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += data[o * columns + i]! * x[i]!;
    y[o] = sum;
  }
  return y;
}

// Loops and not map or reduce: most of the contract test's time is spent here.

export function add(a: Row, b: Row): Row {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}

export function dot(a: Row, b: Row): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `1 - cos(a, b)` as written in the paper. */
export function cosineDistance(a: Row, b: Row): number {
  return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Softmax of the logits, with some ids left out (probability 0). */
export function softmax(z: Row, without: readonly number[] = []): Row {
  const kept = z.map((value, i) => (without.includes(i) ? Number.NEGATIVE_INFINITY : value));
  const max = Math.max(...kept);
  const e = kept.map((value) => Math.exp(value - max));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}

/** Index of the largest value; the lowest one of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
