import type { StepGraphSpec } from '../../graph/spec.js';
import type { StepResult } from '../types.js';

/** The sizes that cut up a report. */
export interface ReportShape {
  readonly headRows: number;
  /** Head rows that were asked for; one stands in where there is none. */
  readonly wanted: number;
  readonly length: number;
  readonly layers: number;
  readonly streams: number;
  /** With adaptive rows: how many rows each layer lists, mandatory ones and budget, repetitions included. */
  readonly listed: readonly number[] | undefined;
}

/** A report in the terms of the engine's interface. */
export interface ReadReport extends Pick<StepResult, 'best' | 'p1' | 'p2' | 'shift' | 'entropy'> {
  readonly layerMeans: Float64Array | undefined;
  /** By stream and layer: ascending distinct positions that the layer computed. */
  readonly rows: readonly (readonly Int32Array[])[];
  readonly distances: Float32Array | undefined;
}

/**
 * Reads the vector that a pass on the device returns (`graph/device/report.ts`). Probabilities are made here, in
 * float64: `e / (1 + rest)`.
 */
export function readReport(report: Float32Array, spec: StepGraphSpec, shape: ReportShape): ReadReport {
  const { headRows, wanted, length, layers, streams, listed } = shape;
  let at = 0;
  const take = (count: number): Float32Array => {
    at += count;
    return report.subarray(at - count, at);
  };
  const head = (): Float32Array => take(headRows).subarray(0, wanted);

  const best = Int32Array.from(head());
  const [weight, second, rest] = [head(), head(), head()];
  const probability = (e: Float32Array) => Float64Array.from(e, (value, i) => value / (1 + rest[i]!));
  const shift = spec.shift ? Float64Array.from(head()) : undefined;
  const entropy = spec.entropy ? Float64Array.from(head()) : undefined;
  let layerMeans: Float64Array | undefined;
  let distances: Float32Array | undefined;
  const rows: Int32Array[][] = [];
  if (listed !== undefined) {
    for (let stream = 0; stream < streams; stream++) {
      if (stream === 0) layerMeans = Float64Array.from(take(layers));
      rows.push(listed.map((count) => Int32Array.from(new Set(take(count))).sort()));
      if (stream === 0 && spec.distances) distances = take(layers * length).slice();
    }
  }
  if (at !== report.length) throw new Error(`a report of ${report.length} numbers, expected ${at}`);
  return {
    best,
    p1: probability(weight),
    p2: probability(second),
    ...(shift === undefined ? {} : { shift }),
    ...(entropy === undefined ? {} : { entropy }),
    layerMeans,
    rows,
    distances,
  };
}
