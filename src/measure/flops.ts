/** What a layer costs depends on these sizes; part of every model's dimensions. */
export interface FlopDimensions {
  readonly dModel: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ffnDim: number;
  readonly vocabSize: number;
}

/** Sums over the passes of one or more samples, all of one canvas length. */
export interface RowTotals {
  /** Keys that each query attends to: prompt and response. */
  readonly length: number;
  /** Rows computed, summed over passes and layers. */
  readonly layerRows: number;
  /** Rows of which only V was computed, summed over passes and layers. */
  readonly valueOnlyRows: number;
  /** Rows that went through the LM head, summed over passes. */
  readonly headRows: number;
}

/**
 * Floating-point operations of the matrix products, a multiplication and an addition counting as two: per
 * layer and row the four projections, the three of the FFN, and the two of attention over all keys; the head
 * on its rows only. Norms, rotations and softmax are left out (below 1 %). Formula: methods notes 6.3, the
 * exact form of dInfer's count.
 *
 * @param streams 2 with classifier-free guidance.
 */
export function flops(dimensions: FlopDimensions, rows: RowTotals, streams = 1): number {
  const { dModel, ffnDim, vocabSize } = dimensions;
  const qDim = dimensions.heads * dimensions.headDim;
  const kvDim = dimensions.kvHeads * dimensions.headDim;
  const linears = 2 * (2 * dModel * qDim + 2 * dModel * kvDim + 3 * dModel * ffnDim);
  const attention = 4 * rows.length * qDim;
  const valueOnly = 2 * dModel * kvDim;
  const head = 2 * dModel * vocabSize;
  return (
    streams * (rows.layerRows * (linears + attention) + rows.valueOnlyRows * valueOnly + rows.headRows * head)
  );
}
