import type { QuantisedWeight } from '../models/checkpoint.js';
import type { GraphBuilder, Value } from './builder.js';

/**
 * `x W^T` of a converted weight `[out, in]`. int8: the rows of a pass are quantised together, to 8 bits, and multiplied as
 * integers, so a row's result depends a little on the others of its pass. int4: weights are widened as they are used, and
 * the product is one of float32.
 */
export function quantisedProduct(
  g: GraphBuilder,
  x: Value,
  { precision, values, scales }: QuantisedWeight,
  [out, inner]: readonly number[],
): Value {
  const weight = g.stored(values.name, values);
  const scale = g.stored(scales.name, scales);
  if (precision === 'int8') return g.contrib('DynamicQuantizeMatMul', [x, weight, scale]);
  const groups = values.shape[1]!;
  return g.contrib('MatMulNBits', [x, weight, scale], {
    ...{ K: inner!, N: out!, bits: 4, block_size: inner! / groups, accuracy_level: 1 },
  });
}
