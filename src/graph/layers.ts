import { DataType } from '../formats/onnx/model.js';
import type { QuantisedWeight } from '../models/checkpoint.js';
import type { ModelDimensions, WeightRole } from '../models/types.js';
import { float, type GraphBuilder, type Value, type WeightRange } from './builder.js';
import { quantisedProduct } from './quantised.js';

/** A model as the graph writer sees it: its dimensions, and where each weight lies. */
export interface GraphModel extends ModelDimensions {
  /** Name and place of the tensor with this role; `layer` is absent for embedding, final norm and head. */
  weight(
    role: WeightRole,
    layer?: number,
  ): { readonly name: string; readonly quantised?: QuantisedWeight } & WeightRange;
}

/** Width of a K or V row. */
export function kvWidth(model: GraphModel): number {
  return model.kvHeads * model.headDim;
}

/** The operations of one transformer block, each on `[rows, width]` matrices. Formulas of LLaDA's modelling file. */
export class Layers {
  protected readonly g: GraphBuilder;
  protected readonly model: GraphModel;
  protected readonly cos: Value;
  protected readonly sin: Value;

  constructor(g: GraphBuilder, model: GraphModel) {
    this.g = g;
    this.model = model;
    const half = model.headDim / 2;
    this.cos = g.input('rope_cos', DataType.float, ['length', half]);
    this.sin = g.input('rope_sin', DataType.float, ['length', half]);
  }

  protected weight(role: WeightRole, layer?: number): Value {
    const { name, ...range } = this.model.weight(role, layer);
    return this.g.weight(name, range);
  }

  /** q, k or v of normalised rows, with its bias where the model has one. */
  project(x: Value, role: 'q' | 'k' | 'v', layer: number): Value {
    if (!this.model.qkvBias) return this.linear(x, role, layer);
    return this.g.part('linears', () => {
      const bias = this.weight(`${role}Bias`, layer);
      if (this.model.weight(role, layer).quantised)
        return this.g.op('Add', [this.linear(x, role, layer), bias]);
      return this.g.op('Gemm', [x, this.weight(role, layer), bias], { transB: 1 });
    });
  }

  /** `x W^T` with W as it lies in the checkpoint, `[out, in]`. */
  linear(x: Value, role: WeightRole, layer?: number): Value {
    const { quantised, shape } = this.model.weight(role, layer);
    return this.g.part('linears', () =>
      quantised === undefined
        ? this.g.op('Gemm', [x, this.weight(role, layer)], { transB: 1 })
        : quantisedProduct(this.g, x, quantised, shape),
    );
  }

  /** `x / sqrt(mean(x^2) + eps) * w`, in float32. */
  norm(x: Value, role: 'attnNorm' | 'ffNorm' | 'finalNorm', layer?: number): Value {
    return this.g.op('SimplifiedLayerNormalization', [x, this.weight(role, layer)], {
      axis: -1,
      epsilon: float(this.model.rmsEps),
      stash_type: 1,
    });
  }

  /** `h + delta` and its norm, as one operator. */
  addNorm(
    h: Value,
    delta: Value,
    role: 'attnNorm' | 'ffNorm' | 'finalNorm',
    layer?: number,
  ): { sum: Value; normed: Value } {
    const inputs = [h, delta, this.weight(role, layer)];
    const epsilon = float(this.model.rmsEps);
    const [normed, , , sum] = this.g.contribs('SkipSimplifiedLayerNormalization', inputs, 4, { epsilon });
    return { sum: sum!, normed: normed! };
  }

  /**
   * Embeddings `[rows, dModel]` of int32 ids `[rows]`. Rows are widened after they are looked up, so that the table stays
   * a mapped file: that of LLaDA-8B would take 2 GB in float32.
   */
  embed(ids: Value): Value {
    const { name, ...range } = this.model.weight('embedding');
    const rows = this.g.op('Gather', [this.g.stored(name, range), ids], { axis: 0 });
    return range.dtype === 'F32' ? rows : this.g.op('Cast', [rows], { to: DataType.float });
  }

  /**
   * Rotary embedding, half-split, of `[rows, n * headDim]` at positions int64 `[1, rows]`. The result keeps the
   * batch axis, `[1, rows, n * headDim]`, as `attention` takes it.
   */
  rope(x: Value, positions: Value, role: 'q' | 'k'): Value {
    const heads = role === 'q' ? this.model.heads : this.model.kvHeads;
    return this.g.part('attention', () => {
      const inputs = [this.canvases(x, heads * this.model.headDim), this.positions(positions)];
      return this.g.contrib('RotaryEmbedding', [...inputs, this.cos, this.sin], {
        num_heads: heads,
        interleaved: 0,
      });
    });
  }

  /** Rows with a batch axis, `[1, rows, width]`. */
  protected canvases(x: Value, _width: number): Value {
    return this.g.op('Unsqueeze', [x, this.g.ints([0])]);
  }

  /** Positions int64 `[1, rows]` as rotation takes them. */
  protected positions(positions: Value): Value {
    return positions;
  }

  /** The shape of rows with a batch axis. */
  protected batchedShape(width: number): Value {
    return this.g.ints([1, -1, width]);
  }

  /** Drops the batch axis. */
  rows(x: Value): Value {
    return this.g.part('attention', () => this.g.op('Squeeze', [x, this.g.ints([0])]));
  }

  /**
   * Bidirectional attention of rotated queries `[1, rows, heads * headDim]` over all keys and values
   * `[length, kvHeads * headDim]`, scaled by `1 / sqrt(headDim)`, through the output projection: `[rows, dModel]`.
   */
  attention(q: Value, keys: Value, values: Value, layer: number): Value {
    const { heads, kvHeads } = this.model;
    const mixed = this.g.part('attention', () => {
      const [k, v] = [keys, values].map((x) => this.canvases(x, kvWidth(this.model)));
      const mix = (queries: Value) =>
        this.g.contrib('MultiHeadAttention', [queries, k!, v!], { num_heads: kvHeads });
      return heads === kvHeads ? this.rows(mix(q)) : this.#ungroup(mix(this.#group(q)));
    });
    return this.linear(mixed, 'attnOut', layer);
  }

  /**
   * The weights by which `attention` mixes the values, mean over the heads: `[rows, length]`. For studies; a normal
   * run never has them as a tensor.
   */
  attentionWeights(q: Value, keys: Value): Value {
    const { g } = this;
    const { heads, kvHeads, headDim } = this.model;
    const queries = g.op(
      'Transpose',
      [g.op('Reshape', [q, g.ints([-1, kvHeads, heads / kvHeads, headDim])])],
      {
        perm: [1, 2, 0, 3],
      },
    );
    const columns = g.op('Transpose', [g.op('Reshape', [keys, g.ints([-1, kvHeads, 1, headDim])])], {
      perm: [1, 2, 3, 0],
    });
    const scores = g.op('Mul', [g.op('MatMul', [queries, columns]), g.scalar(1 / Math.sqrt(headDim))]);
    return g.op('ReduceMean', [g.op('Softmax', [scores], { axis: -1 }), g.ints([0, 1])], { keepdims: 0 });
  }

  /**
   * Query heads that share a KV head become rows: `[1, rows, heads * headDim]` to
   * `[1, rows * group, kvHeads * headDim]`.
   */
  #group(q: Value): Value {
    const { heads, kvHeads, headDim } = this.model;
    const split = this.g.op('Reshape', [q, this.g.ints([-1, kvHeads, heads / kvHeads, headDim])]);
    const rows = this.g.op('Transpose', [split], { perm: [0, 2, 1, 3] });
    return this.g.op('Reshape', [rows, this.batchedShape(kvHeads * headDim)]);
  }

  /** The way back, without the batch axis: `[rows, heads * headDim]`. */
  #ungroup(mixed: Value): Value {
    const { heads, kvHeads, headDim } = this.model;
    const split = this.g.op('Reshape', [mixed, this.g.ints([-1, heads / kvHeads, kvHeads, headDim])]);
    const rows = this.g.op('Transpose', [split], { perm: [0, 2, 1, 3] });
    return this.g.op('Reshape', [rows, this.g.ints([-1, heads * headDim])]);
  }

  /** `(silu(x Wgate^T) * (x Wup^T)) Wdown^T`. */
  ffn(x: Value, layer: number): Value {
    const gate = this.linear(x, 'gate', layer);
    const silu = this.g.op('Mul', [gate, this.g.op('Sigmoid', [gate])]);
    return this.linear(this.g.op('Mul', [silu, this.linear(x, 'up', layer)]), 'down', layer);
  }

  /** Logits `[rows, vocab]` of final hidden rows, normalised. */
  logits(normed: Value): Value {
    return this.g.part('head', () => this.linear(normed, 'head'));
  }
}

/**
 * cos and sin of `position * theta^(-2i / headDim)`, each `[length, headDim / 2]`, in float32 as the models'
 * own code has them.
 */
export function ropeTables(model: GraphModel, length: number): { cos: Float32Array; sin: Float32Array } {
  const half = model.headDim / 2;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let i = 0; i < half; i++) {
    const inverseFrequency = Math.fround(1 / Math.fround(model.ropeTheta ** ((2 * i) / model.headDim)));
    for (let position = 0; position < length; position++) {
      const angle = Math.fround(position * inverseFrequency);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
