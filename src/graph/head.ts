import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { cosineDistance, unitRows } from './distance.js';
import type { GraphModel } from './layers.js';
import { hasLazyHead, type StepGraphSpec } from './spec.js';

/**
 * From logits `[head, vocab]`, of a lazy head `[head + earlier, vocab]`, to the few numbers that a decoding rule reads:
 * `best`, `p1`, `p2`.
 *
 * A probability that float32 rounds to 1 must still be told from 1 by a threshold, as the reference
 * implementations' float64 softmax does: see `exponentialSum`.
 */
export function predictionHead(
  g: GraphBuilder,
  model: GraphModel,
  spec: StepGraphSpec,
  streamLogits: readonly Value[],
): void {
  const vocab = model.vocabSize;
  const lazy = hasLazyHead(spec);
  const rows = lazy ? 'predicted' : 'head';
  let z = spec.guidance ? guided(g, streamLogits) : streamLogits[0]!;
  if (spec.residualGuidance) z = guidedByResidual(g, vocab, z);
  if (spec.logits) g.output('logits', z, DataType.float, ['head', vocab]);
  if (spec.nucleus) z = nucleus(g, vocab, z);
  if (spec.tokenBias) z = biased(g, vocab, z, 'argmax_bias');
  const sampled = spec.sampling ? sampledLogits(g, vocab, z) : z;
  const confident = spec.tokenBias ? biased(g, vocab, z, 'softmax_bias') : z;

  const [top, topIds] = g.ops('TopK', [confident, g.ints([2])], 2, { axis: -1, largest: 1, sorted: 1 });
  const column = (x: Value, i: number) => g.op('Slice', [x, g.ints([i]), g.ints([i + 1]), g.ints([1])]);
  const max = column(top!, 0);
  const e = g.op('Exp', [g.op('Sub', [confident, max])]);
  const likeliest = column(topIds!, 0);
  const sum = exponentialSum(g, e, likeliest);

  const sameOrder = !spec.sampling && !spec.tokenBias;
  const best = sameOrder
    ? likeliest
    : g.op('ArgMax', [sampled], { axis: -1, keepdims: 1, select_last_index: 0 });
  const weight = sameOrder
    ? g.op('Exp', [g.op('Sub', [max, max])])
    : g.op('GatherElements', [e, best], { axis: 1 });
  const probability = (weights: Value) =>
    g.op('Div', [g.op('Cast', [weights], { to: DataType.double }), sum]);

  g.output('best', g.op('Cast', [best], { to: DataType.int32 }), DataType.int32, [rows, 1]);
  g.output('p1', probability(weight), DataType.double, [rows, 1]);
  g.output('p2', probability(g.op('Exp', [g.op('Sub', [column(top!, 1), max])])), DataType.double, [rows, 1]);
  if (spec.shift) distributionShift(g, vocab, e, rows, lazy);
  if (spec.entropy) g.output('entropy', negativeEntropy(g, e, sum), DataType.double, [rows]);
}

/**
 * `sum_v e_v` in float64, `[head, 1]`, where the likeliest token's `e` is 1: the others are summed apart, in
 * float32, so that a sum next to 1 keeps what it is above 1.
 */
function exponentialSum(g: GraphBuilder, e: Value, likeliest: Value): Value {
  const nothing = g.op('Sub', [likeliest, likeliest]);
  const others = g.op('ScatterElements', [e, likeliest, g.op('Cast', [nothing], { to: DataType.float })], {
    axis: 1,
  });
  const rest = g.op('ReduceSum', [others, g.ints([1])], { keepdims: 1 });
  const one = g.floats64('one', [1], Float64Array.of(1));
  return g.op('Add', [g.op('Cast', [rest], { to: DataType.double }), one]);
}

/** `z` plus a bias that the host gives, `[vocab]`. */
export function biased(
  g: GraphBuilder,
  vocab: number,
  z: Value,
  name: 'argmax_bias' | 'softmax_bias',
): Value {
  return g.op('Add', [z, g.input(name, DataType.float, [vocab])]);
}

/** `z + temperature * noise`, noise given by the host. */
export function sampledLogits(g: GraphBuilder, vocab: number, z: Value): Value {
  const noise = g.input('noise', DataType.float, ['head', vocab]);
  return g.op('Add', [z, g.op('Mul', [g.input('temperature', DataType.float, []), noise])]);
}

/** `z = z_u + (w + 1)(z_c - z_u)`, LLaDA's classifier-free guidance. */
export function guided(g: GraphBuilder, [conditional, unconditional]: readonly Value[]): Value {
  const scale = g.op('Add', [g.input('guidance_scale', DataType.float, []), g.scalar(1)]);
  const difference = g.op('Sub', [conditional!, unconditional!]);
  return g.op('Add', [unconditional!, g.op('Mul', [scale, difference])]);
}

/**
 * `z = z_c + w r` with `r = z_c - z_u`, which is the same guidance: r is made from the unconditional logits of
 * this pass, or taken from an earlier one (dLLM-Cache).
 */
function guidedByResidual(g: GraphBuilder, vocab: number, conditional: Value): Value {
  const given = g.input('guidance_rows', DataType.float, ['head', vocab]);
  const fresh = g.op('Sub', [conditional, given]);
  const residual = g.op('Where', [g.input('guidance_fresh', DataType.bool, []), fresh, given]);
  g.output('residual', residual, DataType.float, ['head', vocab]);
  return g.op('Add', [conditional, g.op('Mul', [g.input('guidance_scale', DataType.float, []), residual])]);
}

/** `sum_v p ln(p + 1e-10)`: Dream's entropy confidence, higher = more certain. */
function negativeEntropy(g: GraphBuilder, e: Value, sum: Value): Value {
  const p = g.op('Div', [e, g.op('Cast', [sum], { to: DataType.float })]);
  const terms = g.op('Mul', [p, g.op('Log', [g.op('Add', [p, g.scalar(1e-10)])])]);
  return g.op('ReduceSum', [g.op('Cast', [terms], { to: DataType.double }), g.ints([1])], { keepdims: 0 });
}

/**
 * `z / T` with all tokens at -1e30 that top-k or top-p leave out. Top-p keeps a token while the mass of the
 * likelier ones is at most p, so the token that crosses the bound stays (Dream's top_p_logits).
 */
export function nucleus(g: GraphBuilder, vocab: number, logits: Value): Value {
  const z = g.op('Mul', [logits, g.input('inverse_temperature', DataType.float, [])]);
  const [sorted] = g.ops('TopK', [z, g.ints([vocab])], 2, { axis: -1, largest: 1, sorted: 1 });
  const p = g.op('Softmax', [sorted!], { axis: -1 });
  const before = g.op('CumSum', [p, g.ints([1], [])], { exclusive: 1 });
  const likely = g.op('LessOrEqual', [before, g.input('top_p', DataType.float, [])]);
  const among = g.op('And', [likely, g.input('top_k_flags', DataType.bool, [vocab])]);
  const kept = g.op('Where', [among, sorted!, g.scalar(1e30)]);
  const least = g.op('ReduceMin', [kept, g.ints([1])], { keepdims: 1 });
  return g.op('Where', [g.op('Less', [z, least]), g.scalar(-1e30), z]);
}

/**
 * `H = 1 - cos(p_t, p_{t+1})` (paper, eq. 10) as `|p/|p| - p'/|p'||^2 / 2`: the same number without the
 * cancellation of 1 - cos, and exactly 0 for equal rows. The unit vectors are the state; `previous_index`
 * says where each head row stood in the pass before; of a lazy head (`lazy-head.ts`) counted through those rows and
 * behind them the predictions of this pass, which earlier rows are among.
 */
function distributionShift(g: GraphBuilder, vocab: number, e: Value, rows: string, lazy: boolean): void {
  const unit = unitRows(g, e);
  const kept = g.input('previous', DataType.float, ['previous_rows', vocab]);
  const previous = lazy ? g.op('Concat', [kept, unit], { axis: 0 }) : kept;
  const before = g.op('Gather', [previous, g.input('previous_index', DataType.int32, [rows])], { axis: 0 });
  g.output('shift', cosineDistance(g, unit, before), DataType.float, [rows]);
  g.output('distribution', unit, DataType.float, [rows, vocab]);
}
