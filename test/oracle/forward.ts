import type { RowFamily } from '../../src/graph/spec.js';
import { attend, attentionWeights, embed, feedForward, logitsOf, project, rmsNorm, rotate } from './block.js';
import { add, cosineDistance, type Row } from './linear-algebra.js';
import type { ModelWeights } from './weights.js';

/** What a layer remembers of every position: rotated K, V, attention output A, FFN output F, compared feature x. */
interface LayerState {
  readonly k: Row[];
  readonly v: Row[];
  readonly a: Row[];
  readonly f: Row[];
  readonly x: Row[];
}

/** The rows of one adaptive pass. */
export interface AdaptiveRows {
  /** Rows that a layer computes, in the knowledge of its `[length]` distances. */
  rowsOf(layer: number, distances: readonly number[]): ArrayLike<number>;
  /** Positions whose V is recomputed in each layer; default: the layer's rows. */
  readonly valueRows?: readonly ArrayLike<number>[];
  /** Layers that store the raw layer input as their feature. */
  readonly storeRaw?: ArrayLike<number>;
}

export interface OraclePass {
  /** Logits of every position that has a final hidden row. */
  readonly logits: ReadonlyMap<number, Row>;
  /** `[layers][length]` distance of the compared feature to the stored one; adaptive passes only. */
  readonly distances: readonly number[][];
  /** What each layer saw and made, by row; uniform passes only. */
  readonly probe: readonly LayerProbe[];
}

/** The tensors of one layer in a uniform pass. */
export interface LayerProbe {
  readonly 'raw-input': ReadonlyMap<number, Row>;
  readonly input: Map<number, Row>;
  readonly key: Map<number, Row>;
  readonly value: Map<number, Row>;
  readonly attention: Map<number, Row>;
  readonly ffn: Map<number, Row>;
  /** Attention weights over all positions, mean over heads. */
  readonly 'attention-weights': Map<number, Row>;
}

/**
 * One sample on a row-by-row float64 model with stale state. It knows no policy: it is told which rows each
 * layer computes, computes these, and takes all others from the state of earlier passes.
 */
export class Oracle {
  readonly #weights: ModelWeights;
  readonly #layers: LayerState[];

  constructor(weights: ModelWeights, length: number) {
    const { dModel, layers, kvHeads, headDim } = weights.dimensions;
    const zeros = (width = dModel) => Array.from({ length }, () => new Float64Array(width));
    const kvWidth = kvHeads * headDim;
    this.#weights = weights;
    this.#layers = Array.from({ length: layers }, () => {
      return { k: zeros(kvWidth), v: zeros(kvWidth), a: zeros(), f: zeros(), x: zeros() };
    });
  }

  /** A pass with the same rows in every layer; K and V of `store` are remembered. */
  uniform(tokens: ArrayLike<number>, rows: ArrayLike<number>, store: ArrayLike<number>): OraclePass {
    const { blocks, dimensions } = this.#weights;
    const hidden = new Map(Array.from(rows, (row) => [row, embed(tokens[row]!, this.#weights)]));
    const probe: LayerProbe[] = [];
    for (const [l, block] of blocks.entries()) {
      const state = this.#layers[l]!;
      const [keys, values, queries] = [[...state.k], [...state.v], new Map<number, Row>()];
      const seen = emptyProbe(hidden);
      probe.push(seen);
      for (const [row, h] of hidden) {
        const u = rmsNorm(h, block.attnNorm, dimensions.rmsEps);
        queries.set(row, rotate(project(block.q, u), row, dimensions));
        keys[row] = rotate(project(block.k, u), row, dimensions);
        values[row] = project(block.v, u);
        seen.input.set(row, u);
        seen.key.set(row, keys[row]!);
        seen.value.set(row, values[row]!);
      }
      for (const [row, h] of hidden) {
        const attention = attend(queries.get(row)!, keys, values, block, dimensions);
        const afterAttention = add(h, attention);
        const ffn = feedForward(rmsNorm(afterAttention, block.ffNorm, dimensions.rmsEps), block);
        hidden.set(row, add(afterAttention, ffn));
        seen.attention.set(row, attention);
        seen.ffn.set(row, ffn);
        seen['attention-weights'].set(row, attentionWeights(queries.get(row)!, keys, dimensions));
      }
      for (const row of Array.from(store)) {
        state.k[row] = keys[row]!;
        state.v[row] = values[row]!;
      }
    }
    return { logits: this.#logits(hidden), distances: [], probe };
  }

  /** A pass in which every layer has rows of its own and the other rows keep their branches. */
  adaptive(tokens: ArrayLike<number>, family: RowFamily, plan: AdaptiveRows): OraclePass {
    if (family.kind !== 'adaptive') throw new Error('an adaptive pass needs an adaptive family');
    const { blocks, dimensions } = this.#weights;
    let hidden = Array.from(tokens, (id) => embed(id, this.#weights));
    const distances: number[][] = [];
    for (const [l, block] of blocks.entries()) {
      const state = this.#layers[l]!;
      const normed = hidden.map((h) => rmsNorm(h, block.attnNorm, dimensions.rmsEps));

      const valuesOf = (list: readonly number[]) =>
        new Map(list.map((row) => [row, project(block.v, normed[row]!)]));
      const listed = plan.valueRows && valuesOf(Array.from(plan.valueRows[l]!));
      const moved = normed.map((u, row) => {
        if (family.feature === 'none') return 0;
        if (family.feature === 'layer-input') return cosineDistance(u, state.x[row]!);
        const fresh = listed?.get(row);
        return fresh === undefined ? 0 : cosineDistance(fresh, state.v[row]!);
      });
      distances.push(moved);
      const rows = Array.from(plan.rowsOf(l, moved));
      for (const row of family.featureUpdate === 'all' ? normed.keys() : rows) {
        state.x[row] = plan.storeRaw?.[l] === 1 ? hidden[row]! : normed[row]!;
      }

      for (const row of rows) state.k[row] = rotate(project(block.k, normed[row]!), row, dimensions);
      for (const [row, value] of listed ?? valuesOf(rows)) state.v[row] = value;
      for (const row of rows) {
        const q = rotate(project(block.q, normed[row]!), row, dimensions);
        state.a[row] = attend(q, state.k, state.v, block, dimensions);
      }
      hidden = hidden.map((h, row) => add(h, state.a[row]!));
      for (const row of rows) {
        state.f[row] = feedForward(rmsNorm(hidden[row]!, block.ffNorm, dimensions.rmsEps), block);
      }
      hidden = hidden.map((h, row) => add(h, state.f[row]!));
    }
    return { logits: this.#logits(new Map(hidden.entries())), distances, probe: [] };
  }

  #logits(hidden: ReadonlyMap<number, Row>): Map<number, Row> {
    return new Map([...hidden].map(([row, h]) => [row, logitsOf(h, this.#weights)]));
  }
}

function emptyProbe(hidden: ReadonlyMap<number, Row>): LayerProbe {
  const rows = () => new Map<number, Row>();
  return {
    ...{ 'raw-input': new Map(hidden), input: rows(), key: rows(), value: rows() },
    ...{ attention: rows(), ffn: rows(), 'attention-weights': rows() },
  };
}

/** Logits of every position of one plain forward pass. */
export function fullLogits(weights: ModelWeights, tokens: ArrayLike<number>): Row[] {
  const all = Array.from(tokens, (_, position) => position);
  const { logits } = new Oracle(weights, all.length).uniform(tokens, all, []);
  return all.map((position) => logits.get(position)!);
}
