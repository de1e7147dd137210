import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SummaryRow } from '../../src/results/columns.js';
import { readSummary } from '../../src/results/csv.js';
import { type Manifest, readManifest } from '../../src/results/manifest.js';
import { type RepeatRow, repeatFormat } from '../../src/results/repeats.js';
import { readRows } from '../../src/results/row-log.js';
import { sampleFormat } from '../../src/results/samples.js';
import { type Finished, runCli } from './cli-runs.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-speed-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two methods, two samples of one benchmark, short canvases. */
const table = [
  ...['table1', '--benchmarks', 'mmlu', '--methods', 'dynamic-dllm', '--limit', '2'],
  ...['--set', 'generation.genLength=32', '--set', 'generation.steps=32'],
];

interface Run extends Finished {
  readonly rows: readonly SummaryRow[];
  readonly repeats: readonly RepeatRow[];
  readonly manifest: Manifest;
}

async function run(name: string, flags: readonly string[]): Promise<Run> {
  const out = join(folder, name);
  const finished = await runCli([...table, ...flags, '--out', out], folder);
  expect(finished.code, finished.stderr).toBe(0);
  return {
    ...finished,
    rows: await readSummary(join(out, 'summary.csv')),
    repeats: await readRows(join(out, 'repeats.jsonl'), repeatFormat, { optional: true }),
    manifest: await readManifest(join(out, 'manifest.json')),
  };
}

/** `cell round`, as often as it was repeated. */
const rounds = (repeats: readonly RepeatRow[]) => repeats.map(({ cell, round }) => `${cell} ${round}`).sort();
const expectedRounds = (last: number) =>
  ['mmlu/dynamic-dllm', 'mmlu/vanilla'].flatMap((cell) =>
    Array.from({ length: last - 1 }, (_, i) => [`${cell} ${i + 2}`, `${cell} ${i + 2}`]).flat(),
  );

describe('the rounds of a cell', () => {
  test('are as few as allowed where that is precise enough, and make intervals', async () => {
    const { repeats, rows, manifest, stderr } = await run('precise', [
      // Five rounds are within 100 % on any machine.
      ...['--set', 'measure.precision=1', '--set', 'measure.minRounds=5'],
    ]);
    expect(rounds(repeats)).toEqual(expectedRounds(5).sort());
    expect(repeats.every(({ same }) => same)).toBe(true);
    for (const row of rows) {
      expect(row.tps_low, row.method).toBeLessThanOrEqual(row.tps!);
      expect(row.tps_high, row.method).toBeGreaterThanOrEqual(row.tps!);
      expect(row.peak_memory_bytes, row.method).toBeGreaterThan(1e7);
    }
    expect(rows[1]!.speedup_low).toBeLessThan(rows[1]!.speedup_high!);
    // Before the benchmark, after it, and after the repeats.
    expect(manifest.canaries.map(({ denoiseMs }) => denoiseMs.length)).toEqual([3]);
    expect(stderr).not.toContain('not known to the precision');
  });

  test('end at the most that is allowed, and the run says that it was not enough', async () => {
    const flags = ['--set', 'measure.precision=0.000001', '--set', 'measure.maxRounds=4'];
    const { repeats, stdout, stderr } = await run('most', flags);
    expect(rounds(repeats)).toEqual(expectedRounds(4).sort());
    expect(stderr).toContain('the speed of 2 of 2 cells is not known to the precision asked for');
    expect(stdout).toContain('~');
  });

  test('are not begun without time for them', async () => {
    const { repeats, rows, stdout } = await run('none', ['--time-budget', '0']);
    expect(repeats).toEqual([]);
    expect(rows[0]!.tps).toBeGreaterThan(0);
    expect(rows[0]!.tps_low).toBeNull();
    expect(stdout).toContain('~');
  });

  test('are the only times of samples that were decoded beside each other', async () => {
    const flags = ['--workers', '2', '--set', 'measure.maxRounds=3', '--set', 'measure.repeatSamples=1'];
    const { repeats, rows, manifest } = await run('beside', flags);
    const samples = await readRows(join(folder, 'beside', 'samples.jsonl'), sampleFormat);
    expect(samples.map(({ output }) => output!.timings.shared)).toEqual(Array(4).fill(true));
    expect(manifest.workers).toBe(2);
    const own = repeats.filter(({ cell }) => cell === 'mmlu/vanilla').map(({ denoiseMs }) => denoiseMs);
    expect(own).toHaveLength(3);
    const median = own.sort((a, b) => a - b)[1]!;
    expect(rows[0]!.tps).toBeCloseTo(32 / (median / 1000), 2);
    expect(rows[0]!.peak_memory_bytes).toBeNull();
  });
});

test('without timing there are answers, and no time of anything', async () => {
  const { rows, repeats, manifest, stdout } = await run('answers', ['--no-timing']);
  expect(repeats).toEqual([]);
  expect(manifest.canaries).toEqual([]);
  expect(rows.map(({ tps, latency_s, speedup, n }) => ({ tps, latency_s, speedup, n }))).toEqual(
    Array(2).fill({ tps: null, latency_s: null, speedup: null, n: 2 }),
  );
  expect(stdout).not.toContain('~');
});

test('repeats that were interrupted go on where they stopped', async () => {
  const out = join(folder, 'cut');
  const flags = ['--set', 'measure.maxRounds=3', '--out', out];
  const killed = await runCli([...table, ...flags], folder, (child) => {
    const timer = setInterval(async () => {
      const text = await readFile(join(out, 'repeats.jsonl'), 'utf8').catch(() => '');
      if (text.split('\n').length > 3) child.kill('SIGKILL');
    }, 2);
    child.once('close', () => clearInterval(timer));
  });
  expect(killed.signal).toBe('SIGKILL');
  const resumed = await runCli([...table, ...flags, '--resume'], folder);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain('warming up');
  const repeats = await readRows(join(out, 'repeats.jsonl'), repeatFormat);
  expect(rounds(repeats)).toEqual(expectedRounds(3).sort());
});
