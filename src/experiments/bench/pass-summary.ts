import type { Ceilings } from '../../engine/ceilings.js';
import { flops, layerWeights } from '../../measure/flops.js';
import type { ModelDimensions } from '../../models/types.js';
import { mean, median, quantile } from '../../stats/summary.js';
import { byPassKind, type PassKind } from './pass-kinds.js';
import type { PassTime } from './timed-engine.js';

/** Passes of one kind: those that compute every row, or those that do not. */
export interface PassSummary {
  readonly kind: PassKind;
  readonly passes: number;
  /** Rows that the method computes in a layer, mean over layers and passes. */
  readonly rowsPerLayer: number;
  /** Wall milliseconds of a pass: median and quartiles. */
  readonly medianMs: number;
  readonly lowerQuartileMs: number;
  readonly upperQuartileMs: number;
  /** Of a pass, median milliseconds outside the session's `run`: planning, transfers between threads, unmasking. */
  readonly outsideMs: number;
  /** Floating-point operations of the matrix products that ran, over the time inside `run`. */
  readonly flopsPerSecond: number;
  /**
   * Bytes that the pass cannot do without reading (every weight once, K and V of every row once) over the time
   * inside `run`. What else is read or written is not counted.
   */
  readonly bytesPerSecond: number;
}

/** Summaries of the two kinds, as far as there are passes of them; the first pass of a sample is full. */
export function summarisePasses(
  passes: readonly PassTime[],
  dimensions: ModelDimensions,
  length: number,
  precision: Ceilings['precision'],
): PassSummary[] {
  const isFull = ({ layerRows }: PassTime) => layerRows === dimensions.layers * length;
  return byPassKind(passes, isFull).map(([kind, list]) => {
    const totalsMs = list.map(({ totalMs }) => totalMs);
    const runSeconds = median(list.map(({ runMs }) => runMs)) / 1000;
    const work = list.map(({ rows }) => flops(dimensions, rows));
    return {
      kind,
      passes: list.length,
      rowsPerLayer: mean(list.map(({ layerRows }) => layerRows)) / dimensions.layers,
      medianMs: median(totalsMs),
      lowerQuartileMs: quantile(totalsMs, 0.25),
      upperQuartileMs: quantile(totalsMs, 0.75),
      outsideMs: median(list.map(({ totalMs, runMs }) => totalMs - runMs)),
      flopsPerSecond: mean(work) / runSeconds,
      bytesPerSecond: leastBytes(dimensions, length, precision) / runSeconds,
    };
  });
}

/** Weights of all layers and of the head in the precision that they are computed with, and float32 K and V. */
function leastBytes(dimensions: ModelDimensions, length: number, precision: Ceilings['precision']): number {
  const { dModel, vocabSize, layers } = dimensions;
  const kvDim = dimensions.kvHeads * dimensions.headDim;
  const weights = layers * layerWeights(dimensions) + dModel * vocabSize;
  return weights * (precision === 'float16' ? 2 : 4) + layers * 2 * length * kvDim * 4;
}
