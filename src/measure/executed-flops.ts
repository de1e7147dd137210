import { type NodeRun, readOrtTrace } from './ort-trace.js';

/** What the nodes of a trace added up to, in floating-point operations. */
export interface ExecutedFlops {
  /** Of the matrix products, a multiplication and an addition counting as two: what `flops` counts. */
  readonly products: number;
  /** The same by operator. */
  readonly byOperator: Readonly<Record<string, number>>;
  /** Of all other arithmetic on floats, by the conventions of this file; an estimate. */
  readonly others: number;
  /** Runs of the session in the trace. */
  readonly runs: number;
}

const size = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

/** `[m, n]` out of `[m, k]`: k from the first operand, since a weight that was packed is not listed. */
function product({ inputs: [a], output }: NodeRun): number {
  return 2 * size(output) * a!.at(-1)!;
}

/** Scores and mixing of `[1, m, width]` queries over `[1, n, width]` keys and values. */
function attention({ inputs: [q, k, v] }: NodeRun): number {
  return 2 * q!.at(-2)! * k!.at(-2)! * (q!.at(-1)! + v!.at(-1)!);
}

/** Operators that multiply matrices. Our graphs never transpose the first operand of a `Gemm`. */
const products: Readonly<Record<string, (node: NodeRun) => number>> = {
  Gemm: product,
  FusedGemm: product,
  MatMul: product,
  FusedMatMul: product,
  MultiHeadAttention: attention,
};

/** Operations per element of the output of other float arithmetic; a root or an exponential is one. */
const perOutputElement: Readonly<Record<string, number>> = {
  Add: 1,
  Sub: 1,
  Mul: 1,
  Div: 1,
  Exp: 1,
  Log: 1,
  Sigmoid: 3,
  QuickGelu: 5,
  Softmax: 4,
  CumSum: 1,
  RotaryEmbedding: 3,
  SimplifiedLayerNormalization: 4,
  SkipSimplifiedLayerNormalization: 5,
  LpNormalization: 3,
};

/** Operations per element of the first input. */
const perInputElement: Readonly<Record<string, number>> = { ReduceSum: 1, ReduceSumSquare: 2 };

/** Operators that move, compare or index. */
const noArithmetic: ReadonlySet<string> = new Set([
  'ArgMax',
  'And',
  'Cast',
  'Concat',
  'ConstantOfShape',
  'Gather',
  'GatherElements',
  'GatherND',
  'Less',
  'LessOrEqual',
  'Max',
  'NonZero',
  'Or',
  'ReduceMin',
  'Reshape',
  'ScatterElements',
  'ScatterND',
  'Shape',
  'Slice',
  'Split',
  'Squeeze',
  'TopK',
  'Transpose',
  'Unsqueeze',
  'Where',
]);

/** Operations per score of the softmax inside a fused attention. */
const perScore = 4;

/**
 * The floating-point operations that onnxruntime carried out, from the shapes in its profiling trace (after
 * graph optimisation, node by node).
 *
 * @param trace Text of a trace file of onnxruntime 1.30.
 * @param attentionHeads `num_heads` of the attention nodes, which a trace does not tell; for `others` only.
 * @throws Error for an operator that is not classified here: a sum must not leave out a product unseen.
 */
export function executedFlops(trace: string, attentionHeads: number): ExecutedFlops {
  const { nodes, runs } = readOrtTrace(trace);
  const byOperator: Record<string, number> = {};
  let others = 0;
  for (const node of nodes) {
    const { operator } = node;
    const count = products[operator];
    if (count !== undefined) byOperator[operator] = (byOperator[operator] ?? 0) + count(node);
    others += otherFlops(node, attentionHeads);
  }
  const total = Object.values(byOperator).reduce((a, b) => a + b, 0);
  return { products: total, byOperator, others, runs };
}

function otherFlops({ operator, inputs, output, outputType }: NodeRun, attentionHeads: number): number {
  const [first, second] = inputs;
  if (operator === 'MultiHeadAttention') return perScore * attentionHeads * first!.at(-2)! * second!.at(-2)!;
  if (Object.hasOwn(products, operator) || noArithmetic.has(operator)) return 0;
  const perOutput = perOutputElement[operator];
  const perInput = perInputElement[operator];
  if (perOutput === undefined && perInput === undefined) {
    throw new Error(`the operator ${operator} of a trace is not classified`);
  }
  if (outputType !== 'float' && outputType !== 'double') return 0;
  return perOutput === undefined ? perInput! * size(first!) : perOutput * size(output);
}
