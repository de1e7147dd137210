import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveGenerationConfig } from '../../../src/config/generation-config.js';
import { bench } from '../../../src/experiments/bench/bench.js';
import { benchColumns, benchCsv, benchParts, growthCsv } from '../../../src/experiments/bench/bench-csv.js';
import type { BenchReport } from '../../../src/experiments/bench/bench-report.js';
import { writeBench } from '../../../src/experiments/bench/write-bench.js';
import { monotonicClock } from '../../../src/measure/clock.js';
import { benchModelDir } from '../../../src/models/bench-models.js';
import { parseCsv } from '../../../src/results/csv.js';
import { sum } from '../../../src/stats/summary.js';
import { fixtureModels, temporaryFolder } from '../../oracle/checkpoints.js';

const promptLength = 24;
const dir = join(fixtureModels, 'tiny-llada-a');

function configs(ids: readonly string[], settings: Readonly<Record<string, number>> = {}, model = dir) {
  const wanted = { genLength: 32, blockLength: 16, ...settings };
  const overrides = Object.entries(wanted).map(([key, value]) => {
    return { path: ['generation', key], text: String(value), origin: key };
  });
  return ids.map((method) => resolveGenerationConfig({ model, method, overrides }));
}

function report(ids: readonly string[], options: Partial<Parameters<typeof bench>[0]> = {}) {
  return bench({
    device: { device: 'cpu', name: 'a processor', driver: null },
    configs: configs(ids),
    ...{ promptLength, passes: 4, repeats: 2, threads: 1, clock: monotonicClock },
    signal: new AbortController().signal,
    say: () => undefined,
    ...options,
  });
}

describe('a bench of a small model', () => {
  const ids = ['vanilla', 'dllm-cache', 'fast-dllm', 'dynamic-dllm'];
  let measured: BenchReport;
  beforeAll(async () => {
    measured = await report(ids, { whole: true });
  });
  const passes = () => measured.methods.flatMap((method) => method.passes);

  test('has as many passes of each kind as were asked for', () => {
    expect(measured.methods.map(({ method, passes }) => [method, passes.map(({ kind }) => kind)])).toEqual([
      ['vanilla', ['full']],
      ['dllm-cache', ['full', 'partial']],
      ['fast-dllm', ['full', 'partial']],
      ['dynamic-dllm', ['full', 'partial']],
    ]);
    expect(Math.min(...passes().map(({ passes: n }) => n))).toBeGreaterThanOrEqual(4);
  });

  test('divides each pass into parts that add up to it', () => {
    for (const { parts, medianMs } of passes()) {
      expect(sum(benchParts.map((part) => parts![part]))).toBeCloseTo(medianMs, 6);
      expect(Math.min(...Object.values(parts!))).toBeGreaterThanOrEqual(0);
      expect(parts!.linears).toBeGreaterThan(0);
      expect(parts!.attention).toBeGreaterThan(0);
      expect(parts!.head).toBeGreaterThan(0);
    }
    const [vanilla, , fast, dynamic] = measured.methods;
    const selection = (method: typeof vanilla) => method!.passes.at(-1)!.parts!.selection;
    expect(selection(dynamic)).toBeGreaterThan(10 * Math.max(selection(vanilla), selection(fast)));
    expect(measured.methods.map(({ partsByKind }) => partsByKind)).toEqual([true, true, true, true]);
  });

  test('holds passes against their own products', () => {
    for (const { floor, medianMs, executedRowsPerLayer, kind } of passes()) {
      expect(floor!.rows).toBe(Math.round(executedRowsPerLayer));
      expect(floor!.ratio).toBeCloseTo(medianMs / floor!.ms, 9);
      expect(floor!.idealRatio).toBeCloseTo(medianMs / floor!.idealMs, 9);
      if (kind === 'full') expect(floor!.idealMs).toBe(floor!.ms);
    }
  });

  test('composes generations of all passes, and of the operations that ran', () => {
    for (const { method, generation, whole } of measured.methods) {
      expect(generation).toMatchObject({ nfe: 32, passes: whole!.passes, atMost: false });
      expect(generation.tokensPerSecond).toBeCloseTo(32_000 / generation.ms, 6);
      expect(whole!.composedRatio).toBeCloseTo(generation.ms / whole!.ms, 9);
      expect(generation.rows).toBe('recorded');
      // Rows that layers choose are known of the timed passes only.
      if (method === 'dynamic-dllm') expect(Math.abs(whole!.countedRatio - 1)).toBeLessThan(0.25);
      else expect(whole!.countedRatio).toBeCloseTo(1, 9);
    }
  });

  test('reads memory, and what grows after a warm-up', () => {
    for (const { memory } of measured.methods) {
      expect(memory!.steps).toBeGreaterThanOrEqual(8);
      expect(memory!.heapGrowthBytesPerStep).not.toBeNull();
      if (process.platform !== 'linux') continue;
      expect(memory!.anonymousBytes).toBeGreaterThan(10e6);
      expect(memory!.mappedBytes).toBeGreaterThan(1e6);
    }
  });

  test('writes a table, JSON and a figure', async () => {
    const out = await mkdtemp(join(tmpdir(), 'repro-bench-'));
    try {
      expect(await writeBench(measured, out)).toEqual(['bench.json', 'bench.csv', 'bench.svg']);
      expect(JSON.parse(await readFile(join(out, 'bench.json'), 'utf8'))).toEqual(measured);
      const rows = parseCsv(await readFile(join(out, 'bench.csv'), 'utf8'), 'bench.csv');
      expect(rows.map(({ method, kind }) => `${method} ${kind}`).slice(0, 7)).toEqual([
        ...['vanilla full', 'vanilla generation', 'vanilla whole'],
        ...['dllm-cache full', 'dllm-cache partial', 'dllm-cache generation', 'dllm-cache whole'],
      ]);
      const svg = await readFile(join(out, 'bench.svg'), 'utf8');
      expect(svg).toContain('dynamic-dllm, partial');
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    } finally {
      await rm(out, { recursive: true });
    }
  });

  test('has columns that stay', () => {
    expect(benchCsv(measured).split('\n')[0]).toBe(
      'model,parameters,device,threads,savings,method,prompt_length,gen_length,block_length,kind,passes,' +
        'rows_per_layer,executed_rows_per_layer,head_rows,ms,ms_low,ms_high,linears_ms,attention_ms,selection_ms,' +
        'head_ms,state_ms,other_ms,host_ms,floor_ms,floor_ratio,ideal_ms,ideal_ratio,flops_per_second,' +
        'bytes_per_second,nfe,tokens_per_second,at_most,anonymous_bytes,mapped_bytes,growth_bytes_per_step',
    );
    expect(new Set(benchColumns).size).toBe(benchColumns.length);
    expect(growthCsv(measured)).toBe(
      'model,parameters,device,threads,savings,method,tokens,kind,passes,ms,anonymous_bytes,mapped_bytes\n',
    );
  });
});

describe('a random model', () => {
  const size = { dModel: 16, layers: 2, heads: 2, ffnDim: 24, vocabSize: 40, maxSequenceLength: 600 };
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  test('is made once and kept', async () => {
    const said: string[] = [];
    const make = () => benchModelDir('random-30m', (line) => said.push(line), folder.path, size);
    const made = await make();
    expect(made).toBe(join(folder.path, 'random-30m'));
    expect(said).toEqual([`making random-30m once, in ${made}`]);
    const before = await stat(join(made, 'model.safetensors'));
    expect(await make()).toBe(made);
    expect((await stat(join(made, 'model.safetensors'))).mtimeMs).toBe(before.mtimeMs);
    expect(said).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual(['random-30m']);
  });

  test('counts both streams of guidance, leaves nothing out if asked, and goes as far as it holds', async () => {
    const made = await benchModelDir('random-30m', () => undefined, folder.path, size);
    const { methods, savings, parameters } = await report([], {
      configs: configs(['vanilla', 'dllm-cache'], { cfg: 1.5 }, made),
      ...{ savings: [], growth: true, passes: 1, repeats: 1 },
    });
    expect(savings).toEqual([]);
    expect(parameters).toBe(2 * 40 * 16 + 16 + 2 * (2 * 16 + 4 * 16 * 16 + 3 * 16 * 24));
    const [vanilla, cached] = methods;
    const all = 2 * (promptLength + 32);
    expect(vanilla!.passes[0]).toMatchObject({ rowsPerLayer: all, executedRowsPerLayer: all, headRows: all });
    // Its second stream runs in some passes only, on a session of its own.
    expect(cached!.passes[0]).toMatchObject({ rowsPerLayer: all });
    expect(cached!.partsByKind).toBe(false);
    expect(cached!.generation.rows).toBe('counted');
    const lengths = vanilla!.growth.map(({ tokens, kind, passes }) => [tokens, kind, passes]);
    expect(lengths).toEqual([256, 512].map((tokens) => [tokens, 'full', 3]));
  });
});
