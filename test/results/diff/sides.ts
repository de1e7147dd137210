import { CsvTable } from '../../../src/formats/csv.js';
import type { SummaryRow } from '../../../src/results/columns.js';
import { summaryColumns } from '../../../src/results/columns.js';
import { formatCsv } from '../../../src/results/csv.js';
import { compareSides } from '../../../src/results/diff/compare.js';
import { parseTolerances } from '../../../src/results/diff/tolerance.js';
import type { DiffResult, DiffSide } from '../../../src/results/diff/types.js';
import type { Manifest, ManifestCell } from '../../../src/results/manifest.js';
import type { RepeatRow } from '../../../src/results/repeats.js';
import type { SampleRow } from '../../../src/results/samples.js';
import { summariseCell } from '../../../src/results/summary.js';
import { sampleOf } from '../rows.js';

export const digest = (letter: string) => letter.repeat(64);
export const methods = ['vanilla', 'dynamic-dllm'] as const;
export const samplesPerCell = 10;

/** Ten samples of a cell; sample `i` is right unless it is in `wrong`. */
export function samplesOf(
  method: string,
  change: { wrong?: readonly number[]; ms?: number } = {},
): SampleRow[] {
  const { wrong = [], ms = method === 'vanilla' ? 500 : 250 } = change;
  return Array.from({ length: samplesPerCell }, (_, i) => {
    const correct = !wrong.includes(i);
    return sampleOf(`gsm8k/${i}`, {
      cell: `gsm8k/${method}`,
      method,
      correct,
      extracted: correct ? '4' : '5',
      output: {
        ids: correct ? [5, 6, 0, 0] : [5, 7, 0, 0],
        timings: { prefillMs: 10, denoiseMs: ms + (i % 5) * 10 },
      },
    });
  });
}

/** Two more rounds of the first samples, with some noise, so that speeds have intervals. */
function repeatsOf(samples: readonly SampleRow[]): RepeatRow[] {
  return samples.slice(0, 4).flatMap(({ cell, sample, output }) =>
    [2, 3].map((round) => ({
      ...{ schema: 1 as const, cell, sample, round, same: true },
      denoiseMs: output!.timings.denoiseMs * (round === 2 ? 1.01 : 0.99),
    })),
  );
}

/** The rows of a table of two methods on one benchmark. */
export function rowsOf(samples: readonly SampleRow[], change: Partial<SummaryRow> = {}): SummaryRow[] {
  const baseline = samples.filter(({ method }) => method === 'vanilla');
  return [...new Set(samples.map(({ method }) => method))].map((method) => ({
    ...summariseCell({
      repeats: repeatsOf(samples.filter((row) => row.method === method)),
      baselineRepeats: repeatsOf(baseline),
      key: {
        experiment: 'table1',
        model: 'reference',
        method,
        benchmark: 'gsm8k',
        profile: 'mini',
        seed: '1234',
        limit: samplesPerCell,
        configSha256: digest(method === 'vanilla' ? 'a' : 'b'),
        modelSha256: digest('c'),
        dataSha256: digest('d'),
      },
      samples: samples.filter((row) => row.method === method),
      baseline,
      eosId: 0,
    }),
    ...change,
  }));
}

export const defaultSamples = methods.flatMap((method) => samplesOf(method));
export const csvOf = (rows: readonly SummaryRow[]): string => formatCsv(summaryColumns, rows);
export const defaultCsv = csvOf(rowsOf(defaultSamples));

/** The default table with some cells changed: `{ 'dynamic-dllm': { correct: 9 } }`. */
export function changedCsv(changes: Readonly<Record<string, Partial<SummaryRow>>>): string {
  return csvOf(rowsOf(defaultSamples).map((row) => ({ ...row, ...changes[row.method] })));
}

const cellOf = (method: string): ManifestCell => ({
  ...{ id: `gsm8k/${method}`, model: 'reference', method, params: {}, benchmark: 'gsm8k', profile: 'mini' },
  ...{ seed: '1234', limit: samplesPerCell, samples: samplesPerCell, eosId: 0, baseline: 'gsm8k/vanilla' },
  configSha256: digest(method === 'vanilla' ? 'a' : 'b'),
  modelSha256: digest('c'),
  dataSha256: digest('d'),
});

/** The manifest of a run of both methods. */
export function manifestOf(change: Partial<Manifest> = {}): Manifest {
  const model = change.model ?? {
    id: 'reference',
    commit: null,
    sha256: digest('c'),
    files: [{ name: 'model.safetensors', bytes: 3, sha256: digest('f') }],
  };
  const cache = { policy: 'dcu', layerBudget: 16, windowSize: 16 };
  const unmask = { rule: 'model' };
  return {
    schema: 2,
    experiment: 'table1',
    command: ['table1', '--limit', '10'],
    config: {
      id: 'table1',
      model: { id: 'reference' },
      profile: 'mini',
      seed: 1234,
      limit: samplesPerCell,
      baseline: 'vanilla',
      benchmarks: ['gsm8k'],
      methods: { vanilla: { cache: { policy: 'none' }, unmask }, 'dynamic-dllm': { cache, unmask } },
      taskGeneration: { gsm8k: { genLength: 128, blockLength: 32, steps: 128 } },
      generation: {},
      perBenchmark: { gsm8k: {} },
    },
    configSha256: digest('e'),
    environment: {
      node: '20.19.0',
      onnxruntime: '1.30.0',
      repro: '0.1.0',
      os: 'linux 6.1',
      architecture: 'x64',
      cpu: 'AMD EPYC',
      cores: 2,
      memoryBytes: 2 ** 33,
      git: { commit: digest('1').slice(0, 40), dirty: false },
      lockfileSha256: null,
    },
    device: { name: 'cpu', driver: null, threads: 1 },
    model,
    models: [model],
    cells: methods.map(cellOf),
    shard: null,
    workers: 1,
    canaries: [],
    paper: null,
    data: { gsm8k: { file: 'gsm8k.jsonl', sha256: digest('d'), promptTemplateSha256: digest('2') } },
    chatTemplateSha256: digest('3'),
    seeds: { order: '1234' },
    startedAt: '2026-11-22T15:00:00.000Z',
    endedAt: '2026-11-22T16:00:00.000Z',
    state: 'finished',
    resumed: 0,
    ...change,
  };
}

/** The same machine but for its processor. */
export const otherCpu = manifestOf({ environment: { ...manifestOf().environment, cpu: 'Intel Xeon' } });

export function sideOf(text: string, change: Partial<DiffSide> = {}): DiffSide {
  const path = change.path ?? 'x.csv';
  return { path, realPath: path, csv: new CsvTable(text, path), warnings: [], ...change };
}

export interface CompareChange {
  readonly a?: Partial<DiffSide>;
  readonly b?: Partial<DiffSide>;
  readonly tolerances?: readonly string[];
  readonly flips?: number;
}

/** Compares two CSV texts, called a.csv and b.csv. */
export function compareCsv(a: string, b: string, change: CompareChange = {}): DiffResult {
  return compareSides(sideOf(a, { path: 'a.csv', ...change.a }), sideOf(b, { path: 'b.csv', ...change.b }), {
    tolerances: parseTolerances(change.tolerances ?? []),
    flips: change.flips,
  });
}
