import { DataType } from '../../formats/onnx/model.js';
import type { GraphBuilder, Value } from '../builder.js';
import { cosineDistance, unitRows } from '../distance.js';
import { biased, guided, nucleus, sampledLogits } from '../head.js';
import type { GraphModel } from '../layers.js';
import type { StepGraphSpec } from '../spec.js';
import { positionsTable } from './choose-rows.js';
import type { Report } from './report.js';

/**
 * From logits `[head, vocab]` to the few numbers that a decoding rule reads, as parts of the report: `best`, and
 * with e = exp(z - max) the `weight` e of `best`, the `second` largest e, and `rest`, the sum of all e but the
 * largest. The host makes probabilities of them in float64, e / (1 + rest), so that one next to 1 keeps what it
 * lacks (see `predictionHead`).
 */
export function devicePredictionHead(
  g: GraphBuilder,
  model: GraphModel,
  spec: StepGraphSpec,
  streamLogits: readonly Value[],
  report: Report,
): void {
  const vocab = model.vocabSize;
  let z = spec.guidance ? guided(g, streamLogits) : streamLogits[0]!;
  if (spec.residualGuidance) z = guidedByResidual(g, vocab, z);
  if (spec.logits) g.output('logits', z, DataType.float, ['head', vocab]);
  if (spec.nucleus) z = nucleus(g, vocab, z);
  if (spec.tokenBias) z = biased(g, vocab, z, 'argmax_bias');
  const sampled = spec.sampling ? sampledLogits(g, vocab, z) : z;
  const confident = spec.tokenBias ? biased(g, vocab, z, 'softmax_bias') : z;

  const largest = (x: Value) => g.op('ArgMax', [x], { axis: -1, keepdims: 1, select_last_index: 0 });
  const likeliest = largest(confident);
  const max = g.op('ReduceMax', [confident, g.ints([1])], { keepdims: 1 });
  const e = g.op('Exp', [g.op('Sub', [confident, max])]);
  const others = g.op('ScatterElements', [e, likeliest, g.op('Sub', [max, max])], { axis: 1 });
  const rest = g.op('ReduceSum', [others, g.ints([1])], { keepdims: 1 });

  const sameOrder = !spec.sampling && !spec.tokenBias;
  const best = sameOrder ? likeliest : largest(sampled);
  report.add('best', g.op('GatherND', [positionsTable(g, vocab), best]));
  report.add('weight', g.op('GatherElements', [e, best], { axis: 1 }));
  report.add('second', g.op('ReduceMax', [others, g.ints([1])], { keepdims: 1 }));
  report.add('rest', rest);
  if (spec.shift) distributionShift(g, vocab, e, report);
  if (spec.entropy) report.add('entropy', negativeEntropy(g, e, rest));
}

/**
 * `z = z_c + w r` with `r = z_c - z_u`: r is made from the unconditional logits of this pass, or taken from an
 * earlier one (dLLM-Cache). Both stay on the device; `guidance_index` says where each head row stands in them.
 */
function guidedByResidual(g: GraphBuilder, vocab: number, conditional: Value): Value {
  g.output('stream_logits', conditional, DataType.float, ['head', vocab]);
  const kept = g.input('guidance_rows', DataType.float, ['guidance_rows', vocab]);
  const index = g.input('guidance_index', DataType.int32, ['head']);
  const given = g.op('Gather', [kept, index], { axis: 0 });
  const fresh = g.op('Greater', [g.input('guidance_fresh', DataType.float, []), g.scalar(0.5)]);
  const residual = g.op('Where', [fresh, g.op('Sub', [conditional, given]), given]);
  g.output('residual', residual, DataType.float, ['head', vocab]);
  return g.op('Add', [conditional, g.op('Mul', [g.input('guidance_scale', DataType.float, []), residual])]);
}

/** `sum_v p ln(p + 1e-10)`: Dream's entropy confidence, higher = more certain. */
function negativeEntropy(g: GraphBuilder, e: Value, rest: Value): Value {
  const p = g.op('Div', [e, g.op('Add', [rest, g.scalar(1)])]);
  const terms = g.op('Mul', [p, g.op('Log', [g.op('Add', [p, g.scalar(1e-10)])])]);
  return g.op('ReduceSum', [terms, g.ints([1])], { keepdims: 1 });
}

/** `H = 1 - cos(p_t, p_{t+1})` (paper, eq. 10), as in `predictionHead`; the unit vectors stay on the device. */
function distributionShift(g: GraphBuilder, vocab: number, e: Value, report: Report): void {
  const unit = unitRows(g, e);
  const previous = g.input('previous', DataType.float, ['previous_rows', vocab]);
  const index = g.input('previous_index', DataType.int32, ['head']);
  const before = g.op('Gather', [previous, index], { axis: 0 });
  report.add('shift', cosineDistance(g, unit, before));
  g.output('distribution', unit, DataType.float, ['head', vocab]);
}
