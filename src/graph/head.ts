import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { cosineDistance, unitRows } from './distance.js';
import type { GraphModel } from './layers.js';
import type { StepGraphSpec } from './spec.js';

/**
 * From logits `[head, vocab]` to the few numbers that a decoding rule reads: `best`, `p1`, `p2`.
 *
 * Sums of exponentials are taken in float64: a probability that float32 rounds to 1 must still be told from 1
 * by a threshold, as the reference implementations' float64 softmax does.
 */
export function predictionHead(
  g: GraphBuilder,
  model: GraphModel,
  spec: StepGraphSpec,
  streamLogits: readonly Value[],
): void {
  const vocab = model.vocabSize;
  let z = spec.guidance ? guided(g, streamLogits) : streamLogits[0]!;
  if (spec.logits) g.output('logits', z, DataType.float, ['head', vocab]);
  if (spec.tokenBias) z = g.op('Add', [z, g.input('argmax_bias', DataType.float, [vocab])]);

  const sampled = spec.sampling
    ? g.op('Add', [
        z,
        g.op('Mul', [
          g.input('temperature', DataType.float, []),
          g.input('noise', DataType.float, ['head', vocab]),
        ]),
      ])
    : z;
  const confident = spec.tokenBias ? g.op('Add', [z, g.input('softmax_bias', DataType.float, [vocab])]) : z;

  const [top, topIds] = g.ops('TopK', [confident, g.ints([2])], 2, { axis: -1, largest: 1, sorted: 1 });
  const max = g.op('Slice', [top!, g.ints([0]), g.ints([1]), g.ints([1])]);
  const e = g.op('Exp', [g.op('Sub', [confident, max])]);
  const sum = g.op('ReduceSum', [g.op('Cast', [e], { to: DataType.double }), g.ints([1])], { keepdims: 1 });

  const sameOrder = !spec.sampling && !spec.tokenBias;
  const best = sameOrder
    ? g.op('Slice', [topIds!, g.ints([0]), g.ints([1]), g.ints([1])])
    : g.op('ArgMax', [sampled], { axis: -1, keepdims: 1, select_last_index: 0 });
  const probability = (weights: Value) =>
    g.op('Div', [g.op('Cast', [weights], { to: DataType.double }), sum]);
  const second = g.op('Slice', [top!, g.ints([1]), g.ints([2]), g.ints([1])]);

  g.output('best', g.op('Cast', [best], { to: DataType.int32 }), DataType.int32, ['head', 1]);
  g.output('p1', probability(g.op('GatherElements', [e, best], { axis: 1 })), DataType.double, ['head', 1]);
  g.output('p2', probability(g.op('Exp', [g.op('Sub', [second, max])])), DataType.double, ['head', 1]);
  if (spec.shift) distributionShift(g, vocab, e);
}

/** `z = z_u + (w + 1)(z_c - z_u)`, LLaDA's classifier-free guidance. */
function guided(g: GraphBuilder, [conditional, unconditional]: readonly Value[]): Value {
  const scale = g.op('Add', [g.input('guidance_scale', DataType.float, []), g.scalar(1)]);
  const difference = g.op('Sub', [conditional!, unconditional!]);
  return g.op('Add', [unconditional!, g.op('Mul', [scale, difference])]);
}

/**
 * `H = 1 - cos(p_t, p_{t+1})` (paper, eq. 10) as `|p/|p| - p'/|p'||^2 / 2`: the same number without the
 * cancellation of 1 - cos, and exactly 0 for equal rows. The unit vectors are the state; `previous_index`
 * says where each head row stood in the pass before.
 */
function distributionShift(g: GraphBuilder, vocab: number, e: Value): void {
  const unit = unitRows(g, e);
  const previous = g.input('previous', DataType.float, ['previous_rows', vocab]);
  const index = g.input('previous_index', DataType.int32, ['head']);
  const before = g.op('Gather', [previous, index], { axis: 0 });
  g.output('shift', cosineDistance(g, unit, before), DataType.float, ['head']);
  g.output('distribution', unit, DataType.float, ['head', vocab]);
}
