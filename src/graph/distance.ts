import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';

/** `x / |x|` per row; a zero row stays zero. */
export function unitRows(g: GraphBuilder, x: Value): Value {
  return g.op('LpNormalization', [x], { axis: -1, p: 2 });
}

/**
 * `2 (1 - cos(a, b))` per row as `|a/|a| - b/|b||^2`: no cancellation near 0, and exactly 0 for equal rows, so
 * that ties fall to the lower position as in the reference. The factor 2 changes no ranking. `[rows]`, or with the
 * axis kept `[rows, 1]`.
 */
export function squaredDistance(
  g: GraphBuilder,
  unitA: Value,
  unitB: Value,
  axis: 'drop' | 'keep' = 'drop',
): Value {
  const keepdims = axis === 'keep' ? 1 : 0;
  return g.op('ReduceSumSquare', [g.op('Sub', [unitA, unitB]), g.ints([1])], { keepdims });
}

/** The cosine distances of all layers, `[layers, active]`, from their squared distances. */
export function layerDistances(g: GraphBuilder, squared: readonly Value[]): Value {
  const all = g.op('Reshape', [g.op('Concat', squared, { axis: 0 }), g.ints([squared.length, -1])]);
  return g.op('Mul', [all, g.scalar(0.5)]);
}

/** `s = mean_i d_i` over the scope (paper, eq. 5), float64 `[layers]`, from `layerDistances`. */
export function scopeMeans(g: GraphBuilder, distances: Value): Value {
  const double = (x: Value) => g.op('Cast', [x], { to: DataType.double });
  const scope = double(g.input('scope', DataType.float, ['active']));
  const sums = g.op('ReduceSum', [g.op('Mul', [double(distances), scope]), g.ints([1])], { keepdims: 0 });
  return g.op('Div', [sums, g.op('ReduceSum', [scope, g.ints([0])], { keepdims: 1 })]);
}

/** 1 - cosine of two sets of unit rows, `[rows]`. */
export function cosineDistance(g: GraphBuilder, unitA: Value, unitB: Value): Value {
  return g.op('Mul', [squaredDistance(g, unitA, unitB), g.scalar(0.5)]);
}
