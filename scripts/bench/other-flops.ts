import type { RowCounts } from '../../src/decoding/rows.js';
import type { StepGraphSpec } from '../../src/graph/spec.js';
import type { FlopDimensions } from '../../src/measure/flops.js';

/**
 * The arithmetic of a sample beside its matrix products, from row counts, by the conventions of `executedFlops`:
 * what `flops` leaves out, so that both together can be held against every node that ran. Without guidance and
 * noise.
 *
 * @param rows Of the rows that the engine ran.
 */
export function otherFlops(dimensions: FlopDimensions, rows: RowCounts, spec: StepGraphSpec): number {
  return perLayer(dimensions, rows, spec.rows) + perPrediction(dimensions, rows, spec);
}

function perLayer(
  { dModel, ffnDim, heads, kvHeads, headDim }: FlopDimensions,
  { passes, length, layers, layerRows, valueOnlyRows }: RowCounts,
  family: StepGraphSpec['rows'],
): number {
  const rotations = 3 * (heads + kvHeads) * headDim;
  const softmax = 4 * heads * length;
  const activation = 6 * ffnDim;
  const shared = layerRows * (rotations + softmax + activation);
  // Both norms of a layer with their residual sums, and the norm in front of the first layer.
  if (family.kind === 'uniform')
    return shared + layerRows * 2 * 5 * dModel + (layerRows / layers) * 4 * dModel;

  // The norm of what goes into a layer and both residual sums are those of all rows.
  const allRows = passes * length * layers;
  const sums = allRows * (4 + 2) * dModel + layerRows * 4 * dModel;
  return shared + sums + distances();

  /** Two unit vectors, or one that is kept, their difference and its square. */
  function distances(): number {
    if (family.kind === 'uniform' || family.feature === 'none') return 0;
    if (family.feature === 'value') return (layerRows + valueOnlyRows) * (2 * 3 + 3) * kvHeads * headDim;
    const kept = family.storeRaw ? 3 * allRows : family.featureUpdate === 'selected' ? 3 * layerRows : 0;
    return (allRows * (3 + 3) + kept) * dModel;
  }
}

function perPrediction(
  { dModel, vocabSize }: FlopDimensions,
  { headRows }: RowCounts,
  { rows, shift, entropy }: StepGraphSpec,
): number {
  const norm = rows.kind === 'uniform' ? 0 : 4 * dModel;
  const exponentials = 3 + (shift ? 6 : 0) + (entropy ? 5 : 0);
  return headRows * (norm + exponentials * vocabSize);
}
