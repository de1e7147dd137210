import { graphParts } from '../../graph/builder.js';
import { type CsvCell, formatCsv } from '../../results/csv.js';
import type { BenchMethod, BenchPart, BenchReport } from './bench-report.js';

/** The parts of a pass in the order in which they are shown. */
export const benchParts: readonly BenchPart[] = [...graphParts, 'host'];

const partColumn = (part: BenchPart) => `${part}_ms`;

/** What all lines of a report share. */
const shared = ['model', 'parameters', 'device', 'threads', 'savings', 'method'] as const;
const canvas = ['prompt_length', 'gen_length', 'block_length'] as const;
const memory = ['anonymous_bytes', 'mapped_bytes'] as const;

/** Columns of bench.csv: documented in docs/bench.md, and stable. */
export const benchColumns: readonly string[] = [
  ...shared,
  ...canvas,
  'kind',
  'passes',
  'rows_per_layer',
  'executed_rows_per_layer',
  'head_rows',
  'ms',
  'ms_low',
  'ms_high',
  ...benchParts.map(partColumn),
  'floor_ms',
  'floor_ratio',
  'ideal_ms',
  'ideal_ratio',
  'flops_per_second',
  'bytes_per_second',
  'nfe',
  'tokens_per_second',
  'at_most',
  ...memory,
  'growth_bytes_per_step',
];

/** Columns of bench-growth.csv. */
export const growthColumns: readonly string[] = [...shared, 'tokens', 'kind', 'passes', 'ms', ...memory];

type Line = Readonly<Record<string, CsvCell>>;

/**
 * bench.csv: a line for each kind of pass of a method (medians of one pass), one for a generation composed of them
 * (`kind` is `generation`; `passes` are those that run), and one for a generation that was decoded (`whole`).
 */
export function benchCsv(report: BenchReport): string {
  const lines = report.methods.flatMap((method) => {
    const start = { ...sharedCells(report, method), ...canvasCells(report, method) };
    return [...passLines(method), ...generationLines(method)].map((line) => ({ ...start, ...line }));
  });
  return formatCsv(benchColumns, lines);
}

/** bench-growth.csv: a line for each method, length of canvas and kind of pass. */
export function growthCsv(report: BenchReport): string {
  const lines = report.methods.flatMap((method) =>
    method.growth.map(({ tokens, kind, passes, medianMs, anonymousBytes, mappedBytes }) => ({
      ...sharedCells(report, method),
      ...{ tokens, kind, passes, ms: medianMs },
      ...{ anonymous_bytes: anonymousBytes, mapped_bytes: mappedBytes },
    })),
  );
  return formatCsv(growthColumns, lines);
}

function sharedCells(
  { model, parameters, device, threads, savings }: BenchReport,
  { method }: BenchMethod,
): Line {
  const saved = savings.length === 0 ? 'none' : savings.join(' ');
  return { model, parameters, device: device.device, threads, savings: saved, method };
}

function canvasCells({ promptLength }: BenchReport, { genLength, blockLength }: BenchMethod): Line {
  return { prompt_length: promptLength, gen_length: genLength, block_length: blockLength };
}

function passLines({ passes }: BenchMethod): Line[] {
  return passes.map((pass) => ({
    kind: pass.kind,
    passes: pass.passes,
    rows_per_layer: pass.rowsPerLayer,
    executed_rows_per_layer: pass.executedRowsPerLayer,
    head_rows: pass.headRows,
    ...{ ms: pass.medianMs, ms_low: pass.lowerQuartileMs, ms_high: pass.upperQuartileMs },
    ...Object.fromEntries(benchParts.map((part) => [partColumn(part), pass.parts?.[part] ?? null])),
    ...{ floor_ms: pass.floor?.ms ?? null, floor_ratio: pass.floor?.ratio ?? null },
    ...{ ideal_ms: pass.floor?.idealMs ?? null, ideal_ratio: pass.floor?.idealRatio ?? null },
    ...{ flops_per_second: pass.flopsPerSecond, bytes_per_second: pass.bytesPerSecond },
  }));
}

function generationLines({ generation, whole, memory: used, genLength }: BenchMethod): Line[] {
  const { nfe, passes, ms, flops, tokensPerSecond, atMost } = generation;
  const speed = (took: number, operations: number) => ({
    ms: took,
    flops_per_second: (1000 * operations) / took,
  });
  return [
    {
      ...{ kind: 'generation', passes, nfe, ...speed(ms, flops), tokens_per_second: tokensPerSecond },
      at_most: atMost ? 1 : 0,
      anonymous_bytes: used?.anonymousBytes ?? null,
      mapped_bytes: used?.mappedBytes ?? null,
      growth_bytes_per_step: used?.growthBytesPerStep ?? null,
    },
    ...(whole === null
      ? []
      : [
          {
            ...{ kind: 'whole', passes: whole.passes, ...speed(whole.ms, whole.flops) },
            tokens_per_second: (1000 * genLength) / whole.ms,
          },
        ]),
  ];
}
