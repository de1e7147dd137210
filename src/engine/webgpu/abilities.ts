import { InferenceSession } from 'onnxruntime-node';
import { DataType, encodeModel } from '../../formats/onnx/model.js';
import { GraphBuilder } from '../../graph/builder.js';
import { stepOpsets } from '../../graph/step.js';
import { Rng } from '../../stats/rng.js';
import type { Feeds } from '../ort-session.js';
import { floatData } from '../step-io.js';
import { float32 } from '../tensors.js';
import { webgpuOptions } from './options.js';

/** Differences above these are wrong numbers, not rounding. */
const attentionTolerance = 1e-4;
/** Relative to the root mean square of the product: half precision with sums in single precision stays below. */
const halfTolerance = 5e-3;

/**
 * Whether onnxruntime's fused attention is right on this adapter: on some it is wrong from 32 queries on, where
 * another shader takes over (`ort.md` C). Tried with both numbers of queries, against the formula in float64.
 */
export async function fusedAttentionIsRight(headDim: number): Promise<boolean> {
  const heads = 2;
  const g = new GraphBuilder();
  const dims = (rows: string) => [1, rows, heads * headDim];
  const inputs = [
    g.input('q', DataType.float, dims('rows')),
    g.input('k', DataType.float, dims('length')),
    g.input('v', DataType.float, dims('length')),
  ];
  g.output('y', g.contrib('MultiHeadAttention', inputs, { num_heads: heads }), DataType.float, dims('rows'));
  return tried(g, async (run) => {
    for (const [rows, length] of [
      [8, 40],
      [64, 96],
      [129, 200],
    ] as const) {
      const [q, k, v] = [rows, length, length].map((n, i) =>
        randomMatrix(n, heads * headDim, `attention ${i}`),
      );
      const batched = (x: Float32Array) => float32(x, [1, x.length / (heads * headDim), heads * headDim]);
      const ours = await run({ q: batched(q!), k: batched(k!), v: batched(v!) });
      const expected = attention(q!, k!, v!, heads, headDim);
      if (!(largestDifference(ours, expected) <= attentionTolerance)) return false;
    }
    return true;
  });
}

/** Whether a product in half precision keeps its sums well enough over `inner` terms. */
export async function halfPrecisionIsRight(inner: number): Promise<boolean> {
  const [rows, outer] = [32, 48];
  const g = new GraphBuilder();
  const half = (name: string, dims: string[]) =>
    g.op('Cast', [g.input(name, DataType.float, dims)], { to: DataType.float16 });
  const product = g.op('Gemm', [half('x', ['rows', 'inner']), half('w', ['outer', 'inner'])], { transB: 1 });
  g.output('y', g.op('Cast', [product], { to: DataType.float }), DataType.float, ['rows', 'outer']);
  return tried(g, async (run) => {
    const x = randomMatrix(rows, inner, 'half x');
    const w = randomMatrix(outer, inner, 'half w');
    const ours = await run({ x: float32(x, [rows, inner]), w: float32(w, [outer, inner]) });
    const expected = Float64Array.from({ length: rows * outer }, (_, at) => {
      const [i, j] = [Math.floor(at / outer), at % outer];
      let sum = 0;
      for (let c = 0; c < inner; c++) sum += x[i * inner + c]! * w[j * inner + c]!;
      return sum;
    });
    const scale = Math.sqrt(expected.reduce((sum, y) => sum + y * y, 0) / expected.length);
    return largestDifference(ours, expected) <= halfTolerance * scale;
  });
}

/** The answer of a trial; false also where the adapter refuses the graph. */
async function tried(
  g: GraphBuilder,
  trial: (run: (feeds: Feeds) => Promise<Float32Array>) => Promise<boolean>,
): Promise<boolean> {
  const model = encodeModel({ graph: g.build('trial'), ...stepOpsets });
  try {
    const session = await InferenceSession.create(model, webgpuOptions());
    try {
      return await trial(async (feeds) => floatData(await session.run(feeds), 'y'));
    } finally {
      await session.release();
    }
  } catch {
    return false;
  }
}

function randomMatrix(rows: number, columns: number, seed: string): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: rows * columns }, () => 2 * rng.uniform() - 1);
}

/** `softmax(Q K^T / sqrt(headDim)) V` of every head, in float64. */
function attention(q: Float32Array, k: Float32Array, v: Float32Array, heads: number, headDim: number) {
  const width = heads * headDim;
  const [rows, length] = [q.length / width, k.length / width];
  const mixed = new Float64Array(q.length);
  for (let i = 0; i < rows; i++) {
    for (let head = 0; head < heads; head++) {
      const at = head * headDim;
      const scores = Float64Array.from({ length }, (_, j) => {
        let dot = 0;
        for (let c = 0; c < headDim; c++) dot += q[i * width + at + c]! * k[j * width + at + c]!;
        return dot / Math.sqrt(headDim);
      });
      const max = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - max));
      const sum = weights.reduce((a, b) => a + b, 0);
      for (let c = 0; c < headDim; c++) {
        mixed[i * width + at + c] = weights.reduce((y, w, j) => y + (w / sum) * v[j * width + at + c]!, 0);
      }
    }
  }
  return mixed;
}

/** NaN counts as infinitely far. */
function largestDifference(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(ours[i]! - expected[i]!);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
