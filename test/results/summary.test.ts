import { describe, expect, test } from 'vitest';
import { agreement } from '../../src/results/agreement.js';
import { summaryColumns } from '../../src/results/columns.js';
import { formatCsv, parseCsv } from '../../src/results/csv.js';
import type { RepeatRow } from '../../src/results/repeats.js';
import { speed } from '../../src/results/speed.js';
import { type CellInput, summariseCell } from '../../src/results/summary.js';
import { roundSpeeds, timedSamples } from '../../src/results/timings.js';
import { sampleOf } from './rows.js';

const key = {
  experiment: 'table1',
  model: 'reference',
  method: 'dynamic-dllm',
  benchmark: 'gsm8k',
  profile: 'mini',
  seed: '1234',
  limit: 3,
  configSha256: 'c',
  modelSha256: 'm',
  dataSha256: 'd',
};
const names = ['a', 'b', 'c'];
const baseline = names.map((name) => sampleOf(name, { cell: 'gsm8k/vanilla' }));

function summarise(samples: CellInput['samples'], change: Partial<CellInput> = {}) {
  return summariseCell({ key, samples, baseline, eosId: 0, ...change });
}

describe('one cell', () => {
  test('every column, by hand', () => {
    const samples = [
      sampleOf('a', { output: { timings: { prefillMs: 5, denoiseMs: 250 } } }),
      sampleOf('b', { correct: false, output: { ids: [5, 7, 0, 0], peakMemoryBytes: 3000 } }),
      sampleOf('c', { correct: false, error: 'stalled', extracted: null, output: null }),
    ];
    const published = {
      accuracy: { value: 0.5951, certainty: 'secondary', source: 's' },
      tps: { value: 27.21, certainty: 'derived', source: 's' },
    } as const;
    const row = summarise(samples, { published });
    expect(row).toMatchObject({
      schema: 1,
      limit: 3,
      n: 3,
      errors: 1,
      correct: 1,
      accuracy: 1 / 3,
      // Compared: 3 positions of each sample; 3 + 2 + 0 equal.
      agreement: 5 / 9,
      identical: 1 / 3,
      nfe_mean: 4,
      row_nfe_mean: 40 / 20,
      flops_per_token: 1600 / 8,
      tokens_canvas: 8,
      tokens_to_eos: 4,
      tokens_non_eos: 4,
      tokens_retokenised: 2,
      tokens_per_step: 1,
      nfe_executed: 3,
      row_nfe_executed: 1,
      flops_executed: 100,
      tps: 8 / 0.75,
      tps_to_eos: 4 / 0.75,
      tps_non_eos: 4 / 0.75,
      tps_with_prompt: 20 / 0.75,
      latency_s: 0.375,
      speedup: 1 / 0.75,
      peak_memory_bytes: 3000,
      accuracy_delta: -2 / 3,
      mcnemar_p: expect.closeTo(0.5, 12),
      verdict:
        'cannot tell with n = 3 (needs about 9); ' +
        'speed-up not shown to be valid: accuracy may be 93.9 points lower (needs about n = 53000)',
      paper_accuracy: 0.5951,
      paper_tps: 27.21,
      paper_speedup: null,
      paper_certainty: 'accuracy=secondary;tps=derived',
    });
    expect(row.accuracy_low).toBeCloseTo(0.0615, 4);
    expect(row.accuracy_high).toBeCloseTo(0.7923, 4);
    expect(Object.keys(row)).toEqual([...summaryColumns]);
  });

  test('an answer that could not be judged is wrong, whatever it says', () => {
    const row = summarise([sampleOf('a', { error: 'the sandbox did not start' })]);
    expect(row).toMatchObject({ n: 1, errors: 1, correct: 0, accuracy_delta: -1, tps: 8 });
  });

  test('the baseline against itself', () => {
    expect(summarise(baseline)).toMatchObject({
      agreement: 1,
      identical: 1,
      speedup: 1,
      speedup_low: null,
      speedup_high: null,
      accuracy_delta: 0,
      mcnemar_p: 1,
      verdict: '',
    });
  });

  test('nothing generated, nothing sampled: empty cells, no NaN', () => {
    const failed = summarise([sampleOf('a', { correct: false, error: 'x', output: null })]);
    expect(failed).toMatchObject({
      n: 1,
      errors: 1,
      accuracy: 0,
      tps: null,
      nfe_mean: null,
      tokens_canvas: 0,
    });
    const empty = summarise([]);
    expect(empty).toMatchObject({ n: 0, accuracy: null, agreement: null, speedup: null, verdict: '' });
    for (const row of [failed, empty]) {
      for (const value of Object.values(row)) expect(value).not.toBeNaN();
    }
  });

  test('without a tokenizer there is no re-tokenised count', () => {
    const tokens = { canvas: 4, toEos: 2, nonEos: 2, retokenised: null };
    expect(summarise([sampleOf('a', { output: { tokens } })]).tokens_retokenised).toBeNull();
  });
});

describe('agreement', () => {
  const one = (own: number[], reference: number[]) =>
    agreement(
      [sampleOf('a', { output: { ids: own } })],
      new Map([['a', sampleOf('a', { output: { ids: reference } })]]),
      0,
    );

  test.each([
    ['behind both ends nothing counts', [5, 0, 7, 8], [5, 0, 1, 2], 1],
    ['up to the later end, however early the other', [5, 0, 0, 0], [5, 6, 7, 0], 2 / 4],
    ['to the end of the canvas without one', [5, 6, 7, 8], [5, 6, 7, 9], 3 / 4],
    ['two empty answers agree', [0, 3, 3, 3], [0, 4, 4, 4], 1],
  ])('%s', (_, own, reference, share) => {
    expect(one(own, reference)).toEqual({ positions: share, identical: share === 1 ? 1 : 0 });
  });

  test('long answers weigh more than short ones', () => {
    const own = [
      sampleOf('a', { output: { ids: [0, 0, 0, 0] } }),
      sampleOf('b', { output: { ids: [1, 2, 3, 4] } }),
    ];
    const reference = new Map([
      ['a', sampleOf('a', { output: { ids: [0, 0, 0, 0] } })],
      ['b', sampleOf('b', { output: { ids: [9, 9, 9, 9] } })],
    ]);
    expect(agreement(own, reference, 0)).toEqual({ positions: 1 / 5, identical: 1 / 2 });
    expect(agreement(own, new Map(), 0)).toBeUndefined();
  });
});

describe('speed', () => {
  const timed = (ms: number, n: number) =>
    Array.from({ length: n }, (_, i) =>
      sampleOf(`s${i}`, { output: { timings: { prefillMs: 0, denoiseMs: ms + i } } }),
    );
  const repeat = (sample: string, round: number, denoiseMs: number): RepeatRow => ({
    schema: 1,
    cell: 'c',
    sample,
    round,
    denoiseMs,
    same: true,
  });

  test('a speed-up compares the samples that both have; without repeats there is no interval', () => {
    const own = timedSamples(timed(100, 20), []);
    const reference = own.slice(0, 15).map((one) => ({ ...one, seconds: one.seconds * 3 }));
    const measured = speed(own, reference)!;
    expect(measured.speedup).toBeCloseTo(3, 12);
    expect(measured.tpsInterval).toBeUndefined();
    expect(measured.speedupInterval).toBeUndefined();
  });

  test('a repeated sample counts with its median, and complete rounds make the interval', () => {
    const repeats = [
      ...[repeat('s0', 2, 120), repeat('s1', 2, 121), repeat('s0', 3, 110), repeat('s1', 3, 111)],
      // Round 4 was interrupted.
      repeat('s0', 4, 900),
    ];
    const own = timedSamples(timed(100, 3), repeats);
    expect(own.map(({ seconds }) => Math.round(seconds * 1e6))).toEqual([115_000, 111_000, 102_000]);
    expect(roundSpeeds(own)).toEqual([8 / 0.201, 8 / 0.241, 8 / 0.221]);
    const measured = speed(own, own)!;
    expect(measured.tps).toBeCloseTo(12 / 0.328, 9);
    expect(measured.tpsInterval!.low).toBeLessThan(measured.tps);
    expect(measured.tpsInterval!.high).toBeGreaterThan(measured.tps);
    expect(measured.speedup).toBe(1);
    // Against itself, every round has the ratio 1.
    expect(measured.speedupInterval).toEqual({ low: 1, high: 1 });
  });

  test('a decoding beside others has no time of its own; its repeats have', () => {
    const shared = timed(100, 2).map((row) => ({
      ...row,
      output: { ...row.output!, timings: { prefillMs: 0, denoiseMs: 900, shared: true as const } },
    }));
    expect(timedSamples(shared, [])).toEqual([]);
    expect(speed([], [])).toBeUndefined();
    const repeats = [repeat('s0', 2, 100), repeat('s0', 3, 100)];
    expect(timedSamples(shared, repeats).map(({ sample, seconds }) => [sample, seconds])).toEqual([
      ['s0', 0.1],
    ]);
    expect(roundSpeeds(timedSamples(shared, repeats))).toEqual([40, 40]);
  });
});

test('CSV: six digits, quoted text, empty for nothing', () => {
  const text = formatCsv(
    ['a', 'b'],
    [
      { a: 1 / 3, b: 'x, "y"\nz' },
      { a: null, b: 12345678 },
      { a: 1e-9 / 3, b: '' },
    ],
  );
  expect(text).toBe('a,b\n0.333333,"x, ""y""\nz"\n,12345678\n3.33333e-10,\n');
  expect(parseCsv(text, 'f')[0]).toEqual({ a: '0.333333', b: 'x, "y"\nz' });
});
