import { DataType } from '../../formats/onnx/model.js';
import type { WeightRole } from '../../models/types.js';
import type { GraphBuilder, Value, WeightRange } from '../builder.js';
import { type GraphModel, kvWidth, Layers } from '../layers.js';
import { bytesPerValue, splitRows } from './split-weights.js';
import type { DeviceTarget } from './target.js';

/**
 * The operations of a block as they run on a GPU: no integer arithmetic (onnxruntime's WebGPU leaves int64 to the
 * processor), positions `[rows, 1]` taken as they come, attention in two products unless the fused operator was
 * found right, linear layers in half precision where the target says so.
 */
export class DeviceLayers extends Layers {
  readonly #target: DeviceTarget;
  /** Inputs of linear layers in half precision: q, k and v share theirs. */
  readonly #halved = new Map<Value, Value>();

  constructor(g: GraphBuilder, model: GraphModel, target: DeviceTarget) {
    super(g, model);
    this.#target = target;
  }

  /** Embeddings `[rows, dModel]` of the tokens of a stream: of its ids, or given by the host. */
  embedTokens(prefix: string, rows: string): Value {
    if (this.#target.embedding === 'host') {
      return this.g.input(`${prefix}embedded`, DataType.float, [rows, this.model.dModel]);
    }
    return this.embed(this.g.input(`${prefix}ids`, DataType.int32, [rows]));
  }

  /** Of a float32 table: WebGPU looks up no bfloat16. */
  override embed(ids: Value): Value {
    return this.g.op('Gather', [this.weight('embedding'), ids], { axis: 0 });
  }

  override project(x: Value, role: 'q' | 'k' | 'v', layer: number): Value {
    const product = this.linear(x, role, layer);
    return this.model.qkvBias ? this.g.op('Add', [product, this.weight(`${role}Bias`, layer)]) : product;
  }

  override linear(x: Value, role: WeightRole, layer?: number): Value {
    const { name, ...range } = this.model.weight(role, layer);
    const half = this.#target.weights === 'float16';
    const input = half ? this.#half(x) : x;
    const dataType = half ? DataType.float16 : DataType.float;
    const bytes = bytesPerValue[half ? 'float16' : 'float32'];
    const parts = splitRows(name, range, bytes, this.#target.bindingBytes).map(
      (part: { name: string; range: WeightRange }) =>
        this.g.op('Gemm', [input, this.g.weight(part.name, part.range, dataType)], { transB: 1 }),
    );
    const product = parts.length === 1 ? parts[0]! : this.g.op('Concat', parts, { axis: 1 });
    return half ? this.g.op('Cast', [product], { to: DataType.float }) : product;
  }

  #half(x: Value): Value {
    const known = this.#halved.get(x) ?? this.g.op('Cast', [x], { to: DataType.float16 });
    this.#halved.set(x, known);
    return known;
  }

  /** Rotary embedding of `[rows, n * headDim]` at positions int64 `[rows, 1]`: every row is a batch of its own. */
  override rope(x: Value, positions: Value, role: 'q' | 'k'): Value {
    const batched = this.g.op('Unsqueeze', [x, this.g.ints([1])]);
    const rotated = this.g.contrib('RotaryEmbedding', [batched, positions, this.cos, this.sin], {
      num_heads: role === 'q' ? this.model.heads : this.model.kvHeads,
      interleaved: 0,
    });
    return this.g.op('Squeeze', [rotated, this.g.ints([1])]);
  }

  /** As on the host, of queries `[rows, heads * headDim]`. */
  override attention(q: Value, keys: Value, values: Value, layer: number): Value {
    if (this.#target.attention === 'fused') {
      return super.attention(this.g.op('Unsqueeze', [q, this.g.ints([0])]), keys, values, layer);
    }
    return this.linear(this.#mix(q, keys, values), 'attnOut', layer);
  }

  /** `softmax(Q K^T / sqrt(headDim)) V`, head by head: `[rows, heads * headDim]`. */
  #mix(q: Value, keys: Value, values: Value): Value {
    const { g } = this;
    const { heads, kvHeads, headDim } = this.model;
    const group = heads / kvHeads;
    const scaled = g.op('Mul', [q, g.scalar(1 / Math.sqrt(headDim))]);
    const byHead = (x: Value, perm: number[]) =>
      g.op('Transpose', [g.op('Reshape', [x, g.ints([-1, kvHeads, headDim])])], { perm });
    // The queries that share a KV head are further rows of it: [kvHeads, group * rows, headDim].
    const queries = g.op('Reshape', [
      g.op('Transpose', [g.op('Reshape', [scaled, g.ints([-1, kvHeads, group, headDim])])], {
        perm: [1, 2, 0, 3],
      }),
      g.ints([kvHeads, -1, headDim]),
    ]);
    const chunks = this.#target.attentionChunks;
    const split = (x: Value) =>
      chunks === 1 ? [x] : g.ops('Split', [x], chunks, { axis: 0, num_outputs: chunks });
    const [ks, vs] = [split(byHead(keys, [1, 2, 0])), split(byHead(values, [1, 0, 2]))];
    const mixed = split(queries).map((chunk, i) => {
      const weights = g.op('Softmax', [g.op('MatMul', [chunk, ks[i]!])], { axis: -1 });
      return g.op('MatMul', [weights, vs[i]!]);
    });
    const all = chunks === 1 ? mixed[0]! : g.op('Concat', mixed, { axis: 0 });
    const rows = g.op('Transpose', [g.op('Reshape', [all, g.ints([kvHeads, group, -1, headDim])])], {
      perm: [2, 0, 1, 3],
    });
    return g.op('Reshape', [rows, g.ints([-1, heads * headDim])]);
  }
}

/**
 * Bytes of the largest score matrix of decomposed attention: `rows` queries of the heads of one chunk over `length`
 * positions.
 */
export function scoreBytes(model: GraphModel, chunks: number, rows: number, length: number): number {
  return (model.heads / chunks) * rows * length * bytesPerValue.float32;
}

/** Bytes of K or V of a whole canvas. */
export function cacheBytes(model: GraphModel, length: number): number {
  return length * kvWidth(model) * bytesPerValue.float32;
}
