import { toBfloat16Bytes, toFloat16Bytes } from '../formats/safetensors/dtypes.js';
import type { TensorInfo } from '../formats/safetensors/write.js';
import { normalQuantile } from '../stats/normal.js';
import { Rng } from '../stats/rng.js';
import type { WeightDtype } from './checkpoint.js';
import type { ModelDimensions, WeightRole, WeightSpec } from './types.js';

/** Numbers of the table that entries are drawn from: the quantiles of the normal distribution. */
const TABLE_SIZE = 2 ** 16;

/** Elements of one piece of a tensor. */
const PIECE = 2 ** 20;

const bytesOf: Readonly<Record<WeightDtype, (values: Float32Array) => Uint8Array>> = {
  F32: (values) => new Uint8Array(values.slice().buffer),
  F16: toFloat16Bytes,
  BF16: toBfloat16Bytes,
};

/** A weight of a random model: a tensor with the distribution of its entries. */
export interface RandomWeight extends TensorInfo {
  readonly dtype: WeightDtype;
  readonly mean: number;
  readonly deviation: number;
  /** A row of zeros, in the head: a token that is never the best one. */
  readonly zeroRow: number | undefined;
}

/**
 * How the entries of a weight are distributed, so that predictions are not degenerate: norms are near 1, linear layers
 * keep the variance of their input, and the logits are so wide that the best of all tokens has a probability that is
 * neither near 0 nor near 1: the maximum of V normal numbers of deviation s leads the sum of the others from about
 * s = sqrt(2 ln V) on. Masked positions differ by their place alone, so attention is made to choose (scores of deviation 4
 * single out a few rows, others for each place) and to count beside what the mask itself adds; else all of them
 * predict one token. The mask is not predicted.
 */
export function randomWeight(
  { name, role, shape }: WeightSpec,
  { vocabSize, maskId }: Pick<ModelDimensions, 'vocabSize' | 'maskId'>,
  dtype: WeightDtype,
): RandomWeight {
  const fanIn = shape.at(-1)!;
  const tensor = { name, dtype, shape, zeroRow: role === 'head' ? maskId : undefined };
  if (role === 'qBias' || role === 'kBias' || role === 'vBias') return { ...tensor, mean: 0, deviation: 0.3 };
  if (shape.length === 1) return { ...tensor, mean: 1, deviation: 0.1 };
  if (role === 'embedding') return { ...tensor, mean: 0, deviation: 1 };
  return { ...tensor, mean: 0, deviation: gainOf(role, vocabSize) / Math.sqrt(fanIn) };
}

/** Deviation of the outputs of a linear layer whose inputs have deviation 1. */
function gainOf(role: WeightRole, vocabSize: number): number {
  switch (role) {
    case 'head':
      return 1.1 * Math.sqrt(2 * Math.log(vocabSize));
    case 'q':
    case 'k':
    case 'attnOut':
      return 2;
    default:
      return 1;
  }
}

/** The bytes of a random weight, piece by piece; they depend on seed and name alone. */
export function* randomPieces(
  { name, dtype, shape, mean, deviation, zeroRow }: RandomWeight,
  seed: string,
): Generator<Uint8Array> {
  const values = Float32Array.from(standardNormals(), (z) => mean + deviation * z);
  const bytes = bytesOf[dtype](values);
  const table = dtype === 'F32' ? new Uint32Array(bytes.buffer) : new Uint16Array(bytes.buffer);
  const rng = new Rng(`${seed}/${name}`);
  const elements = shape.reduce((a, b) => a * b, 1);
  const width = shape.at(-1)!;
  const zeros =
    zeroRow === undefined ? { from: 0, to: 0 } : { from: zeroRow * width, to: (zeroRow + 1) * width };
  for (let start = 0; start < elements; start += PIECE) {
    const length = Math.min(PIECE, elements - start);
    const piece = dtype === 'F32' ? new Uint32Array(length) : new Uint16Array(length);
    for (let i = 0; i < length; i += 2) {
      const word = rng.uint32();
      piece[i] = table[word & 0xffff]!;
      if (i + 1 < length) piece[i + 1] = table[word >>> 16]!;
    }
    piece.fill(0, Math.max(0, zeros.from - start), Math.max(0, zeros.to - start));
    yield new Uint8Array(piece.buffer);
  }
}

let normals: Float64Array | undefined;

/** Quantiles at the middles of `TABLE_SIZE` equal shares. */
function standardNormals(): Float64Array {
  normals ??= Float64Array.from({ length: TABLE_SIZE }, (_, i) => normalQuantile((i + 0.5) / TABLE_SIZE));
  return normals;
}
