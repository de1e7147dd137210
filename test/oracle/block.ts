import type { ModelDimensions } from '../../src/models/types.js';
import { add, dot, multiply, type Row, softmax } from './linear-algebra.js';
import type { BlockWeights, ModelWeights, Projection } from './weights.js';

/**
 * The formulas of one transformer block for single rows (`methods.md` 1.1 and 1.2), in float64. LLaDA has as many
 * KV heads as heads and no biases; in Dream several heads share a KV head.
 */

/** `W x + b`. */
export function project(projection: Projection, x: Row): Row {
  return add(multiply(projection, x), projection.bias);
}

/** `x / sqrt(mean(x^2) + eps) * w`. */
export function rmsNorm(x: Row, weight: Row, eps: number): Row {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + eps);
  const normed = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) normed[i] = x[i]! * scale * weight[i]!;
  return normed;
}

/** Rotary embedding of a row of heads, half-split: pairs `(i, i + headDim / 2)` turn by `position * theta^(-2i/headDim)`. */
export function rotate(row: Row, position: number, { headDim, ropeTheta }: ModelDimensions): Row {
  const turned = new Float64Array(row.length);
  const half = headDim / 2;
  const heads = row.length / headDim;
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < half; i++) {
      const angle = position * ropeTheta ** ((-2 * i) / headDim);
      const [a, b] = [head * headDim + i, head * headDim + half + i];
      turned[a] = row[a]! * Math.cos(angle) - row[b]! * Math.sin(angle);
      turned[b] = row[b]! * Math.cos(angle) + row[a]! * Math.sin(angle);
    }
  }
  return turned;
}

/** Attention of one rotated query over all keys and values, without a mask, through the output projection. */
export function attend(
  q: Row,
  keys: readonly Row[],
  values: readonly Row[],
  block: BlockWeights,
  { heads, kvHeads, headDim }: ModelDimensions,
): Row {
  const mixed = new Float64Array(q.length);
  for (let head = 0; head < heads; head++) {
    const own = head * headDim;
    const shared = Math.floor((head * kvHeads) / heads) * headDim;
    const scores = keys.map((key) => {
      let score = 0;
      for (let i = 0; i < headDim; i++) score += q[own + i]! * key[shared + i]!;
      return score / Math.sqrt(headDim);
    });
    const max = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - max));
    const sum = weights.reduce((a, b) => a + b, 0);
    for (let j = 0; j < values.length; j++) {
      const share = weights[j]! / sum;
      for (let i = 0; i < headDim; i++) mixed[own + i]! += share * values[j]![shared + i]!;
    }
  }
  return multiply(block.attnOut, mixed);
}

/** Softmax of one rotated query over all keys, mean over the heads: `[length]`. */
export function attentionWeights(
  q: Row,
  keys: readonly Row[],
  { heads, kvHeads, headDim }: ModelDimensions,
): Row {
  const mean = new Float64Array(keys.length);
  for (let head = 0; head < heads; head++) {
    const own = q.subarray(head * headDim, (head + 1) * headDim);
    const shared = Math.floor((head * kvHeads) / heads) * headDim;
    const scores = keys.map((key) => dot(own, key.subarray(shared, shared + headDim)) / Math.sqrt(headDim));
    softmax(Float64Array.from(scores)).forEach((weight, j) => {
      mean[j]! += weight / heads;
    });
  }
  return mean;
}

/** `(silu(x Wgate^T) * (x Wup^T)) Wdown^T`. */
export function feedForward(x: Row, block: BlockWeights): Row {
  const up = multiply(block.up, x);
  const gated = multiply(block.gate, x).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
  return multiply(block.down, gated);
}

export function embed(id: number, { embedding }: ModelWeights): Row {
  return embedding.data.slice(id * embedding.columns, (id + 1) * embedding.columns);
}

/** Logits of one final hidden row. */
export function logitsOf(h: Row, { finalNorm, head, dimensions }: ModelWeights): Row {
  return multiply(head, rmsNorm(h, finalNorm, dimensions.rmsEps));
}
