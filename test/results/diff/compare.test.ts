import { describe, expect, test } from 'vitest';
import { jsonReporter } from '../../../src/report/diff/json.js';
import type { SummaryRow } from '../../../src/results/columns.js';
import type { DiffResult } from '../../../src/results/diff/types.js';
import type { Manifest } from '../../../src/results/manifest.js';
import {
  type CompareChange,
  changedCsv,
  compareCsv,
  csvOf,
  defaultCsv,
  defaultSamples,
  digest,
  manifestOf,
  otherCpu,
  rowsOf,
  samplesOf,
} from './sides.js';

const manifest = manifestOf();

/** The columns that differ in the cell of dynamic-dllm when these of its columns are changed in B. */
function differing(change: Partial<SummaryRow>, options: CompareChange = {}): string[] {
  const result = compareCsv(defaultCsv, changedCsv({ 'dynamic-dllm': change }), options);
  const columns = result.cells.flatMap((cell) => (cell.state === 'differs' ? cell.columns : []));
  expect(result.verdict).toBe(columns.length > 0 ? 'differs' : 'same');
  return columns.map(({ column }) => column);
}

const [row] = rowsOf(defaultSamples).filter(({ method }) => method === 'dynamic-dllm') as [SummaryRow];
const times = (column: keyof SummaryRow, factor: number) => ({ [column]: (row[column] as number) * factor });

describe('tables that say the same', () => {
  const lines = defaultCsv.trimEnd().split('\n');
  const reversedColumns = lines.map((line) => line.split(',').reverse().join(','));
  test.each([
    ['the text itself', defaultCsv],
    ['reordered rows', [lines[0], ...lines.slice(1).reverse()].join('\n')],
    ['reordered columns', reversedColumns.join('\n')],
    ['CRLF', lines.join('\r\n')],
    ['a byte-order mark', `\ufeff${defaultCsv}`],
    [
      'every field quoted',
      lines
        .map((line) =>
          line
            .split(',')
            .map((cell) => `"${cell}"`)
            .join(','),
        )
        .join('\n'),
    ],
    ['other digits of the same number', changedCsv({ vanilla: { nfe_mean: '4.00' as never } })],
  ])('%s', (_, text) => {
    const { verdict, same, cells } = compareCsv(defaultCsv, text);
    expect({ verdict, same: same.count, cells }).toEqual({ verdict: 'same', same: 2, cells: [] });
  });

  test('extra columns are named and ignored', () => {
    const text = lines.map((line, i) => `${line},${i === 0 ? '"my, column"' : 'NaN'}`).join('\n');
    const { verdict, notes } = compareCsv(text, defaultCsv);
    expect(verdict).toBe('same');
    expect(notes).toContain('A has a column that we do not know, ignored: "my, column"');
  });

  test('methods with commas, quotes and newlines in their names pair', () => {
    const method = 'dynamic-dllm[a=1,b="x\ny"]';
    const text = csvOf(rowsOf(defaultSamples).map((r) => ({ ...r, method: `${r.method}${method}` })));
    const shuffled = csvOf(
      rowsOf(defaultSamples)
        .map((r) => ({ ...r, method: `${r.method}${method}` }))
        .reverse(),
    );
    expect(compareCsv(text, shuffled.replaceAll('\n1,', '\r\n1,')).verdict).toBe('same');
  });
});

describe('deterministic columns', () => {
  test('are exact on one class of CPU, and without manifests', () => {
    for (const [a, b] of [[undefined, undefined] as const, [manifest, manifest] as const]) {
      const sides = a === undefined ? {} : { a: { manifest: a }, b: { manifest: b } };
      expect(differing({ correct: 9, accuracy: 0.9 }, sides)).toEqual(['correct', 'accuracy']);
      expect(differing(times('nfe_mean', 1.00001), sides)).toEqual(['nfe_mean']);
      expect(differing({ agreement: null }, sides)).toEqual(['agreement']);
      expect(
        differing({ nfe_executed: 1, accuracy_delta: 1, paper_tps: 3, verdict: 'better' }, sides),
      ).toEqual([]);
    }
  });

  const elsewhere = { a: { manifest }, b: { manifest: otherCpu } };
  test('may move by one flipped sample of ten on another class', () => {
    const flipped = { correct: 9, accuracy: 0.9, accuracy_low: 0.596, accuracy_high: 0.982, identical: 0.8 };
    expect(differing(flipped, elsewhere)).toEqual([]);
    expect(differing({ correct: 8, accuracy: 0.8 }, elsewhere)).toEqual(['correct', 'accuracy']);
    expect(differing({ n: 11 }, elsewhere)).toEqual(['n']);
    expect(differing({ errors: 1 }, elsewhere)).toEqual(['errors']);
    expect(differing(times('row_nfe_mean', 1.09), elsewhere)).toEqual([]);
    expect(differing(times('row_nfe_mean', 1.11), elsewhere)).toEqual(['row_nfe_mean']);
    expect(differing({ identical: 0.79 }, elsewhere)).toEqual(['identical']);
    expect(differing({ accuracy: null }, elsewhere)).toEqual(['accuracy']);
  });

  test('--flips says how many, on any machine; --tolerance replaces the rule of a column', () => {
    const two = { correct: 8, accuracy: 0.8 };
    expect(differing(two, { ...elsewhere, flips: 2 })).toEqual([]);
    expect(differing(two, { flips: 2 })).toEqual([]);
    expect(differing({ correct: 9 }, { ...elsewhere, flips: 0 })).toEqual(['correct']);
    expect(differing(two, { tolerances: ['accuracy=0.2'] })).toEqual(['correct']);
    expect(differing({ accuracy: 0.79 }, { tolerances: ['accuracy=0.2'] })).toEqual(['accuracy']);
    expect(differing(times('flops_executed', 1.2), { tolerances: ['flops_executed=10%'] })).toEqual([
      'flops_executed',
    ]);
  });
});

describe('timing columns', () => {
  /** A speed with a 95 % interval of +-`part` on the log scale. */
  const known = (column: 'tps' | 'speedup', value: number, part: number) => ({
    [column]: value,
    [`${column}_low`]: value * Math.exp(-part),
    [`${column}_high`]: value * Math.exp(part),
  });
  /** The columns that differ between two versions of the cell. */
  function between(a: Partial<SummaryRow>, b: Partial<SummaryRow>, options: CompareChange = {}): string[] {
    const result = compareCsv(changedCsv({ 'dynamic-dllm': a }), changedCsv({ 'dynamic-dllm': b }), options);
    return result.cells.flatMap(({ columns }) => columns.map(({ column }) => column));
  }

  test('differ beyond the root of the sum of the squares of their half-widths', () => {
    const combined = Math.hypot(0.06, 0.08);
    for (const column of ['tps', 'speedup'] as const) {
      const a = known(column, 100, 0.06);
      expect(between(a, known(column, 100 * Math.exp(combined - 0.001), 0.08))).toEqual([]);
      expect(between(a, known(column, 100 * Math.exp(combined + 0.001), 0.08))).toEqual([column]);
      expect(between(a, known(column, 100 * Math.exp(-combined + 0.001), 0.08))).toEqual([]);
      expect(between(a, known(column, 100 * Math.exp(-combined - 0.001), 0.08))).toEqual([column]);
    }
  });

  test('never for less than 5 %, however well they are known', () => {
    const a = known('tps', 100, 0.001);
    expect(between(a, known('tps', 104.9, 0.001))).toEqual([]);
    expect(between(a, known('tps', 95.1, 0.001))).toEqual([]);
    expect(between(a, known('tps', 105.1, 0.001))).toEqual(['tps']);
    expect(between(a, known('tps', 94.9, 0.001))).toEqual(['tps']);
  });

  test('take the noise of tps where they have none, 10 % without any, and memory 25 %', () => {
    const wide = known('tps', 100, 0.1);
    expect(between({ ...wide, latency_s: 1 }, { ...wide, latency_s: 1.14 })).toEqual([]);
    expect(between({ ...wide, latency_s: 1 }, { ...wide, latency_s: 1.17 })).toEqual(['latency_s']);
    const bare = { tps: 100, tps_low: null, tps_high: null };
    expect(between({ ...bare, latency_s: 1 }, { ...bare, latency_s: 1.09 })).toEqual([]);
    expect(between({ ...bare, latency_s: 1 }, { ...bare, latency_s: 1.11 })).toEqual(['latency_s']);
    const memory = (bytes: number) => ({ peak_memory_bytes: bytes });
    expect(between(memory(1000), memory(1249))).toEqual([]);
    expect(between(memory(1000), memory(1251))).toEqual(['peak_memory_bytes']);
    expect(between(memory(1000), { peak_memory_bytes: null })).toEqual(['peak_memory_bytes']);
    expect(between({ tps: 0 }, { tps: 1 })).toEqual(['tps']);
  });

  test('obey --tolerance, a column before all timing columns', () => {
    const b = { ...known('tps', 150, 0.001), latency_s: 2 };
    const a = { ...known('tps', 100, 0.001), latency_s: 1 };
    expect(between(a, b)).toEqual(['tps', 'latency_s']);
    expect(between(a, b, { tolerances: ['timing=50%'] })).toEqual(['latency_s']);
    expect(between(a, b, { tolerances: ['latency_s=1', 'timing=0.1'] })).toEqual(['tps']);
    expect(between(a, b, { tolerances: ['tps=.5', 'latency_s=100%'] })).toEqual([]);
    expect(between(a, b, { tolerances: ['tps=.5', 'latency_s=1', 'tps_low=0.1'] })).toEqual(['tps_low']);
  });

  test('are shown and not judged on other hardware, unless a tolerance is stated', () => {
    const elsewhere = { a: { manifest }, b: { manifest: otherCpu } };
    const b = changedCsv({ 'dynamic-dllm': known('tps', 1e6, 0.01) });
    const result = compareCsv(defaultCsv, b, elsewhere);
    expect(result.verdict).toBe('same');
    expect(result.warnings).toEqual(['different CPU: AMD EPYC in A, Intel Xeon in B']);
    expect(result.cells[0]!.shown).toMatchObject([{ column: 'tps', allowed: { kind: 'any' } }]);
    expect(compareCsv(defaultCsv, b, { ...elsewhere, tolerances: ['tps=0.1'] }).verdict).toBe('differs');
  });
});

describe('what decides answers', () => {
  const names = ({ guards }: DiffResult) => guards.map(({ name }) => name);

  test.each([
    'config_sha256',
    'model_sha256',
    'data_sha256',
  ] as const)('%s makes runs not comparable', (column) => {
    const b = changedCsv({ 'dynamic-dllm': { [column]: digest('9'), correct: 1 } });
    const result = compareCsv(defaultCsv, b);
    expect(result.verdict).toBe('not-comparable');
    expect(result.guards).toEqual([
      { name: column, cells: 1, values: [{ a: row[column], b: digest('9'), cells: 1 }] },
    ]);
    expect(result.same.count).toBe(1);
    expect(result.cells[0]).toMatchObject({ state: 'not-comparable', columns: [] });
  });

  test('another schema does, whatever its columns are', () => {
    const result = compareCsv(defaultCsv, 'schema,name\n2,x\n');
    expect(result.verdict).toBe('not-comparable');
    expect(result.guards).toEqual([{ name: 'schema', cells: 0, values: [{ a: '1', b: '2', cells: 0 }] }]);
  });

  test('is named down to the leaf of the config where manifests are at hand', () => {
    const config = structuredClone(manifest.config) as Record<string, never> & {
      methods: Record<string, { cache: object }>;
    };
    config.methods['dynamic-dllm']!.cache = {
      policy: 'dcu',
      layerBudget: 32,
      windowSize: 16,
      keyToken: 'max',
    };
    Object.assign(config, { perBenchmark: { gsm8k: { blockLength: 16 } } });
    const b = changedCsv({ 'dynamic-dllm': { config_sha256: digest('9') } });
    const result = compareCsv(defaultCsv, b, { a: { manifest }, b: { manifest: manifestOf({ config }) } });
    const values = result.guards.map(({ name, values }) => [name, values[0]!.a, values[0]!.b]);
    expect(Object.fromEntries(values.map(([name, ...pair]) => [name, pair]))).toEqual({
      config_sha256: [digest('b'), digest('9')],
      'methods.dynamic-dllm.cache.layerBudget': ['16', '32'],
      'methods.dynamic-dllm.cache.keyToken': ['not set', 'max'],
      'generation.blockLength': ['32', '16'],
    });
  });

  test('settings of cells that only one run has do not count', () => {
    const config = structuredClone(manifest.config) as { methods: Record<string, unknown> };
    config.methods.apd = { cache: { policy: 'none' } };
    const b = { manifest: manifestOf({ config: config as never }) };
    expect(compareCsv(defaultCsv, defaultCsv, { a: { manifest }, b }).verdict).toBe('same');
  });

  test.each<[string, Partial<Manifest>, string]>([
    ['the chat template', { chatTemplateSha256: null }, 'chat template'],
    [
      'a file of the model',
      { model: { ...manifest.model, files: [{ name: 'model.safetensors', bytes: 3, sha256: digest('0') }] } },
      'model file model.safetensors',
    ],
    ['a seed', { seeds: { order: '1' } }, 'seed order'],
    ['the data', { data: { gsm8k: { ...manifest.data.gsm8k!, sha256: digest('0') } } }, 'data of gsm8k'],
    [
      'a prompt template',
      { data: { gsm8k: { ...manifest.data.gsm8k!, promptTemplateSha256: digest('0') } } },
      'prompt template of gsm8k',
    ],
  ])('%s of a manifest counts', (_, change, name) => {
    const result = compareCsv(defaultCsv, defaultCsv, {
      a: { manifest },
      b: { manifest: manifestOf(change) },
    });
    expect(result.verdict).toBe('not-comparable');
    expect(names(result)).toEqual([name]);
    expect(result.guards[0]!.cells).toBe(2);
    expect(result.same.count).toBe(0);
  });

  test('hardware and runtime warn', () => {
    const environment = { ...manifest.environment, node: '22.0.0', onnxruntime: '1.31.0' };
    const device = { name: 'webgpu', driver: 'nvidia 550', threads: 4 };
    const { verdict, warnings, hardware } = compareCsv(defaultCsv, defaultCsv, {
      a: { manifest },
      b: { manifest: manifestOf({ environment, device }) },
    });
    expect({ verdict, hardware }).toEqual({ verdict: 'same', hardware: 'other' });
    expect(warnings).toEqual([
      'different onnxruntime: 1.30.0 in A, 1.31.0 in B',
      'different device: cpu in A, webgpu in B',
      'different threads: 1 in A, 4 in B',
      'different Node version: 20.19.0 in A, 22.0.0 in B',
      'different driver: none in A, nvidia 550 in B',
    ]);
  });

  test('another GPU is another class of machine', () => {
    const on = (name: string) => ({
      manifest: manifestOf({ device: { kind: 'webgpu', name, driver: 'nvidia 550', threads: 1 } }),
    });
    const { warnings, hardware } = compareCsv(defaultCsv, defaultCsv, { a: on('h100'), b: on('l4') });
    expect({ warnings, hardware }).toEqual({
      warnings: ['different GPU: h100 in A, l4 in B'],
      hardware: 'other',
    });
  });

  test('the processor is the same device in files from before and after GPUs', () => {
    const { cpu } = manifest.environment;
    const b = { manifest: manifestOf({ device: { kind: 'cpu', name: cpu, driver: null, threads: 1 } }) };
    const { warnings, hardware } = compareCsv(defaultCsv, defaultCsv, { a: { manifest }, b });
    expect({ warnings, hardware }).toEqual({ warnings: [], hardware: 'same' });
  });

  test('another Node version alone leaves deterministic columns exact', () => {
    const b = { manifest: manifestOf({ environment: { ...manifest.environment, node: '22.0.0' } }) };
    expect(differing({ correct: 9 }, { a: { manifest }, b })).toEqual(['correct']);
  });
});

describe('cells that one side lacks', () => {
  const [header, first] = defaultCsv.split('\n') as [string, string];
  const less = `${header}\n${first}\n`;

  test('are a difference', () => {
    const missing = compareCsv(defaultCsv, less);
    expect(missing.verdict).toBe('differs');
    expect(missing.onlyInA).toMatchObject([{ key: { method: 'dynamic-dllm' }, wanted: true }]);
    const added = compareCsv(less, defaultCsv, { a: { manifest }, b: { manifest } });
    expect(added.verdict).toBe('differs');
    expect(added.onlyInB).toMatchObject([{ key: { method: 'dynamic-dllm' }, wanted: true }]);
  });

  test('are told and no difference where the other run was not asked for them', () => {
    const asked = manifestOf({ cells: manifest.cells.filter(({ method }) => method === 'vanilla') });
    const result = compareCsv(defaultCsv, less, { a: { manifest }, b: { manifest: asked } });
    expect(result.verdict).toBe('same');
    expect(result.onlyInA).toMatchObject([{ key: { method: 'dynamic-dllm' }, wanted: false }]);
  });

  test('all of them: not comparable, with the key that is to blame', () => {
    const b = changedCsv({ vanilla: { limit: 8 }, 'dynamic-dllm': { limit: 8 } });
    const result = compareCsv(defaultCsv, b);
    expect(result.verdict).toBe('not-comparable');
    expect(result.guards).toEqual([{ name: 'limit', cells: 0, values: [{ a: '10', b: '8', cells: 0 }] }]);
    expect(compareCsv(defaultCsv, `${header}\n`).guards).toEqual([
      { name: 'cells', cells: 0, values: [{ a: '2', b: 'none', cells: 0 }] },
    ]);
    expect(compareCsv(`${header}\n`, `${header}\n`).verdict).toBe('not-comparable');
  });

  test('twice on one side: an error with both lines', () => {
    const twice = `${defaultCsv}${first}\n`;
    expect(() => compareCsv(defaultCsv, twice)).toThrow(
      /^b\.csv: lines 2 and 4 are of one cell \("vanilla" on gsm8k: /,
    );
    expect(() => compareCsv(twice, defaultCsv)).toThrow(/^a\.csv: lines 2 and 4 /);
    expect(() => compareCsv(`${header}\n${first}\n${first}\n`, csvOf([row]))).toThrow(
      /^a\.csv: lines 2 and 3 /,
    );
  });
});

describe('samples, paired by id', () => {
  const withSamples = (samples: typeof defaultSamples, change: Partial<Manifest> = {}) => ({
    samples,
    manifest: manifestOf(change),
  });
  const other = [...samplesOf('vanilla'), ...samplesOf('dynamic-dllm', { wrong: [2, 7] })].reverse();

  test('are listed where they flip, answer or write otherwise', () => {
    const result = compareCsv(defaultCsv, csvOf(rowsOf(other)), {
      a: withSamples(defaultSamples),
      b: withSamples(other),
    });
    expect(result.samplesPaired).toBe(20);
    expect(result.cells).toHaveLength(1);
    expect(result.cells[0]!.samples).toMatchObject({
      ...{ paired: 10, gained: 0, lost: 2, otherAnswers: 2, otherIds: 2, otherPrompts: 0 },
      mcnemarP: expect.closeTo(0.5, 12),
      changed: [{ sample: 'gsm8k/2' }, { sample: 'gsm8k/7' }],
    });
  });

  test('count where the columns hide them: one gained and one lost', () => {
    const [a, b] = [[2], [7]].map((wrong) => [
      ...samplesOf('vanilla'),
      ...samplesOf('dynamic-dllm', { wrong }),
    ]);
    const text = csvOf(rowsOf(a!));
    expect(text).toBe(csvOf(rowsOf(b!)));
    const sides = (change: Partial<Manifest>) => ({ a: withSamples(a!), b: withSamples(b!, change) });
    expect(compareCsv(text, text, sides({})).verdict).toBe('differs');
    const elsewhere = sides({ environment: otherCpu.environment });
    expect(compareCsv(text, text, elsewhere).verdict).toBe('differs');
    const allowed = compareCsv(text, text, { ...elsewhere, flips: 2 });
    expect(allowed.verdict).toBe('same');
    expect(JSON.parse(jsonReporter.render(allowed)).allowed[0].samples).toMatchObject({ gained: 1, lost: 1 });
  });

  test('belong to the cell of their seed, where a sweep has several', () => {
    const seeds = ['1', '2'];
    const cell = (seed: string) => `gsm8k/vanilla@seed=${seed}`;
    const of = (seed: string, wrong: readonly number[]) =>
      samplesOf('vanilla', { wrong }).map((row) => ({ ...row, cell: cell(seed) }));
    const samples = [...of('1', []), ...of('2', [3])];
    const text = csvOf(
      seeds.flatMap((seed) =>
        rowsOf(
          samples.filter((row) => row.cell === cell(seed)),
          { seed },
        ),
      ),
    );
    const cells = seeds.map((seed) => ({
      ...manifest.cells[0]!,
      id: cell(seed),
      baseline: cell(seed),
      seed,
    }));
    const run = (rows: typeof samples) => withSamples(rows, { cells });
    const same = compareCsv(text, text, { a: run(samples), b: run(samples) });
    expect({ verdict: same.verdict, paired: same.samplesPaired }).toEqual({ verdict: 'same', paired: 20 });
    const edited = samples.map((row, i) => (i === 0 ? { ...row, extracted: 'x' } : row));
    const differs = compareCsv(text, text, { a: run(samples), b: run(edited) });
    expect(differs.cells.map(({ key, samples: found }) => [key.seed, found?.otherAnswers])).toEqual([
      ['1', 1],
    ]);
  });

  test('with other prompts make their cell not comparable', () => {
    const b = defaultSamples.map((sample) => ({ ...sample, promptSha256: 'cd' }));
    const result = compareCsv(defaultCsv, defaultCsv, { a: withSamples(defaultSamples), b: withSamples(b) });
    expect(result.verdict).toBe('not-comparable');
    expect(result.guards.map(({ name }) => name)).toEqual(['prompts']);
  });

  test('that one side lacks are a difference', () => {
    const b = withSamples(defaultSamples.slice(0, -1));
    const result = compareCsv(defaultCsv, defaultCsv, { a: withSamples(defaultSamples), b });
    expect(result.verdict).toBe('differs');
    expect(result.cells[0]!.samples!.onlyInA).toEqual(['gsm8k/9']);
  });
});

test('100,000 rows on both sides take less than two seconds of computing', () => {
  const [header, ...lines] = defaultCsv.trimEnd().split('\n') as [string, ...string[]];
  const rows = Array.from({ length: 100_000 }, (_, i) =>
    lines[i % 2]!.replace('reference,', `reference,"[generation.seed=${i},x=1]`).replace(',gsm8k', '",gsm8k'),
  );
  const [a, b] = [rows, [...rows].reverse()].map((list) => [header, ...list].join('\n'));
  const before = process.cpuUsage();
  const { verdict, same } = compareCsv(a!, b!.replace(/,1234,10,/, ',1234,11,'));
  const { user } = process.cpuUsage(before);
  expect({ verdict, same: same.count }).toEqual({ verdict: 'differs', same: 99_999 });
  expect(user / 1e6).toBeLessThan(2);
});
