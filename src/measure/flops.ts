/** What a layer costs depends on these sizes; part of every model's dimensions. */
export interface FlopDimensions {
  readonly dModel: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ffnDim: number;
  readonly vocabSize: number;
}

/** Rows of one stream, summed over passes. */
interface StreamTotals {
  /** Rows computed, summed over passes and layers. */
  readonly layerRows: number;
  /** Rows of which only V was computed, summed over passes and layers. */
  readonly valueOnlyRows: number;
  /** Rows of which only K and V were computed, summed over passes. */
  readonly keyValueRows?: number | undefined;
  /** Rows among `layerRows` whose q, K and V were kept from the pass before, summed over passes. */
  readonly keptRows?: number | undefined;
  /** Rows that went through the LM head, summed over passes. */
  readonly headRows: number;
}

/** Sums over the passes of one or more samples, all of one canvas length. */
export interface RowTotals extends StreamTotals {
  /** Keys that each query attends to: prompt and response. */
  readonly length: number;
  /** The second stream of classifier-free guidance. */
  readonly unconditional?: StreamTotals | undefined;
}

/** Weights of one layer's linears: the four projections of attention and the three of the FFN. */
export function layerWeights({ dModel, heads, kvHeads, headDim, ffnDim }: FlopDimensions): number {
  return 2 * dModel * heads * headDim + 2 * dModel * kvHeads * headDim + 3 * dModel * ffnDim;
}

/**
 * Floating-point operations of the matrix products, a multiplication and an addition counting as two: per
 * layer and row the four projections, the three of the FFN, and the two of attention over all keys; the V
 * projection alone where only V was computed, and that of K with it; the head on its rows only. Formula: methods notes 6.3, the exact
 * form of dInfer's count. Equal to what onnxruntime runs (`executedFlops`).
 *
 * Left out is what grows with the width and not with its square: norms, rotations, softmax, activations, the
 * distances that rows are chosen by, and what is made of logits (the softmax, its entropy and shift). Counted
 * the same way it adds 1.4 to 3.4 % on the reference models (width 128) and 0.4 to 1.0 % at width 512, most for
 * methods that compute few rows; `scripts/bench/flops.ts` prints it.
 */
export function flops(dimensions: FlopDimensions, rows: RowTotals): number {
  const { dModel, vocabSize } = dimensions;
  const qDim = dimensions.heads * dimensions.headDim;
  const kvDim = dimensions.kvHeads * dimensions.headDim;
  const linears = 2 * layerWeights(dimensions);
  const attention = 4 * rows.length * qDim;
  const valueOnly = 2 * dModel * kvDim;
  const head = 2 * dModel * vocabSize;
  const projections = 2 * dModel * qDim + 2 * valueOnly;
  const ofStream = ({ layerRows, valueOnlyRows, keyValueRows = 0, keptRows = 0, headRows }: StreamTotals) =>
    layerRows * (linears + attention) +
    (valueOnlyRows + 2 * keyValueRows) * valueOnly -
    keptRows * projections +
    headRows * head;
  return ofStream(rows) + (rows.unconditional === undefined ? 0 : ofStream(rows.unconditional));
}
