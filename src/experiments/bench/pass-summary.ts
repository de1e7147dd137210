import type { RowCounts, StreamRows } from '../../decoding/rows.js';
import type { Ceilings } from '../../engine/ceilings.js';
import { layerWeights } from '../../measure/flops.js';
import type { ModelDimensions } from '../../models/types.js';
import { mean, median, quantile } from '../../stats/summary.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import type { WatchedPass } from '../passes/watched-passes.js';

/** Passes of one kind: those that compute every row, or those that do not. Rows are those of both streams of guidance. */
export interface PassSummary {
  readonly kind: PassKind;
  /** How many were timed. */
  readonly passes: number;
  /** Rows that the method computes in a layer, mean over layers and passes. */
  readonly rowsPerLayer: number;
  /** Those of them that the engine ran. */
  readonly executedRowsPerLayer: number;
  /** Rows that went through the LM head, mean over passes. */
  readonly headRows: number;
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
  passes: readonly WatchedPass[],
  dimensions: ModelDimensions,
  precision: Ceilings['precision'],
): PassSummary[] {
  const { layers } = dimensions;
  return byPassKind(passes, ({ isFull }) => isFull).map(([kind, list]) => {
    const totalsMs = list.map(({ totalMs }) => totalMs);
    const runSeconds = median(list.map(({ runMs }) => runMs)) / 1000;
    const nominal = list.map(({ layerRows, unconditionalRows }) => layerRows + unconditionalRows);
    return {
      kind,
      passes: list.length,
      rowsPerLayer: mean(nominal) / layers,
      ...executedRows(list, layers),
      medianMs: median(totalsMs),
      lowerQuartileMs: quantile(totalsMs, 0.25),
      upperQuartileMs: quantile(totalsMs, 0.75),
      outsideMs: median(list.map(({ totalMs, runMs }) => totalMs - runMs)),
      flopsPerSecond: mean(list.map(({ flops }) => flops)) / runSeconds,
      bytesPerSecond: mean(list.map(({ rows }) => leastBytes(dimensions, rows, precision))) / runSeconds,
    };
  });
}

/** What the engine ran in a pass, mean over passes. */
export function executedRows(
  passes: readonly WatchedPass[],
  layers: number,
): Pick<PassSummary, 'executedRowsPerLayer' | 'headRows'> {
  const both = (of: (stream: StreamRows) => number) =>
    mean(
      passes.map(({ rows }) => of(rows) + (rows.unconditional === undefined ? 0 : of(rows.unconditional))),
    );
  return {
    executedRowsPerLayer: both(({ layerRows }) => layerRows) / layers,
    headRows: both(({ headRows }) => headRows),
  };
}

/** Weights of all layers and of the head in the precision that they are computed with, and float32 K and V. */
function leastBytes(
  dimensions: ModelDimensions,
  { length, unconditional }: RowCounts,
  precision: Ceilings['precision'],
): number {
  const { dModel, vocabSize, layers } = dimensions;
  const kvDim = dimensions.kvHeads * dimensions.headDim;
  const weights = layers * layerWeights(dimensions) + dModel * vocabSize;
  const streams = unconditional === undefined ? 1 : 2;
  return weights * (precision === 'float16' ? 2 : 4) + streams * layers * 2 * length * kvDim * 4;
}
