import { type SampleRow, sampleKey } from '../../results/samples.js';
import type { TraceFile, TraceFileStep } from '../../results/trace-file.js';
import { rangesOf } from './page-data.js';

/** A trace as the step viewer (`page/viewer.js`) reads it. Positions are absolute, prompt included. */
export interface PageTrace {
  readonly promptLength: number;
  /** Prompt and response. */
  readonly length: number;
  readonly layers: number;
  /** Texts of the ids that were committed; empty if the trace does not say. */
  readonly texts: Readonly<Record<string, string>>;
  readonly steps: readonly PageStep[];
}

export interface PageStep {
  /** `position, id, position, id, ...` */
  readonly committed: readonly number[];
  readonly confidence: readonly number[];
  /** Half-open ranges `from, to, ...` that all layers computed, or one such list a layer; neither in older traces. */
  readonly rows?: readonly number[];
  readonly layerRows?: readonly (readonly number[])[];
  readonly layerBudgets?: readonly number[];
  readonly threshold?: number;
  /** Where each token has its own: the lowest and the highest. */
  readonly thresholds?: readonly [low: number, high: number];
}

/** A trace and the key (`sampleKey`) of its sample. */
export interface KeyedTrace {
  readonly key: string;
  readonly trace: PageTrace;
}

/** The traces of samples that gave an output, in the order of the samples. */
export function pageTraces(traces: readonly TraceFile[], samples: readonly SampleRow[]): KeyedTrace[] {
  const byKey = new Map(
    traces.flatMap((trace) => {
      const { cell, sample } = trace;
      return cell === undefined || sample === undefined
        ? []
        : [[sampleKey({ cell, sample }), trace] as const];
    }),
  );
  return samples.flatMap((row) => {
    const key = sampleKey(row);
    const trace = byKey.get(key);
    return trace === undefined || row.output === null
      ? []
      : [{ key, trace: pageTrace(trace, row.output.ids.length, row.output.rows.layers) }];
  });
}

function pageTrace(
  { promptIds, texts = {}, steps }: TraceFile,
  genLength: number,
  layers: number,
): PageTrace {
  const ids = new Set(steps.flatMap(({ committed }) => committed.map(([, id]) => String(id))));
  return {
    promptLength: promptIds.length,
    length: promptIds.length + genLength,
    layers,
    texts: Object.fromEntries(Object.entries(texts).filter(([id]) => ids.has(id))),
    steps: steps.map(pageStep),
  };
}

function pageStep(step: TraceFileStep): PageStep {
  const { committed, confidence, rows, layerRows, layerBudgets, threshold, thresholds = [] } = step;
  const taus = thresholds.map(([, tau]) => Number(tau.toPrecision(4)));
  return {
    committed: committed.flat(),
    confidence: confidence.map((value) => Number(value.toPrecision(4))),
    ...(rows === undefined ? {} : { rows: rows.flat() }),
    ...(layerRows === undefined
      ? {}
      : { layerRows: layerRows.map((chosen) => rangesOf([...chosen].sort((a, b) => a - b))) }),
    ...(layerBudgets === undefined ? {} : { layerBudgets }),
    ...(threshold === undefined ? {} : { threshold: Number(threshold.toPrecision(4)) }),
    ...(taus.length === 0 ? {} : { thresholds: [Math.min(...taus), Math.max(...taus)] as const }),
  };
}
