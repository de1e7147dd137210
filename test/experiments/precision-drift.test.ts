import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowDivergence, summariseDivergence } from '../../src/experiments/precision-drift/divergence.js';
import type { PrecisionDrift } from '../../src/experiments/precision-drift/run-precision-drift.js';
import { repro } from '../cli/run.js';

describe('divergence', () => {
  test('of logits against a hand count, whatever is added to all of them', () => {
    const exact = Float32Array.of(Math.log(0.5), Math.log(0.25), Math.log(0.25));
    const converted = Float32Array.of(Math.log(0.25), Math.log(0.5), Math.log(0.25)).map((z) => z + 7);
    const { kl, changed } = rowDivergence(exact, converted);
    expect(kl).toBeCloseTo(0.5 * Math.log(2) - 0.25 * Math.log(2), 6);
    expect(changed).toBe(true);
    expect(rowDivergence(exact, exact)).toEqual({ kl: 0, changed: false });
  });

  test('of many rows', () => {
    const rows = [0, 0.1, 0.2, 0.7].map((kl, i) => ({ kl, changed: i === 3 }));
    expect(summariseDivergence(rows)).toMatchObject({ rows: 4, klMean: 0.25, klMax: 0.7, changed: 0.25 });
    expect(summariseDivergence([])).toBeUndefined();
  });
});

describe('repro drift', () => {
  let cache: string;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'repro-drift-'));
  });
  afterAll(() => rm(cache, { recursive: true, force: true }));

  test.each(['int8', 'int4'])('%s is a little off, and the report says by how much', async (precision) => {
    const args = [
      '--precision',
      precision,
      '--limit',
      '3',
      '--benchmarks',
      'mmlu',
      '--methods',
      'dynamic-dllm-apd',
    ];
    const run = await repro(['drift', ...args, '--json'], { env: { REPRO_CACHE: cache } });
    expect(run.code, run.stderr).toBe(0);
    const drift = JSON.parse(run.stdout) as PrecisionDrift;
    expect(drift.converted).toBe(`Reference model ${precision}`);
    expect(drift.bytes.converted).toBeLessThan(drift.bytes.exact / 2);
    // Three decodings of the baseline, eight canvases each, eight masked positions each.
    expect(drift.predictions!.rows).toBe(3 * 8 * 8);
    expect(drift.predictions!.klMax).toBeGreaterThan(0);
    expect(drift.predictions!.klMedian).toBeLessThan(0.01);
    expect(drift.cells.map(({ cell, n }) => [cell, n])).toEqual([
      ['mmlu/vanilla', 3],
      ['mmlu/dynamic-dllm-apd', 3],
    ]);
    for (const { agreement, verdict } of drift.cells) {
      expect(agreement).toBeGreaterThan(0.5);
      expect(verdict).toMatch(/^cannot tell with n = 3/);
    }
  });

  test('without a precision is one sentence', async () => {
    const run = await repro(['drift']);
    expect(run.stderr).toMatch(/compares a precision with fp32; add --precision int8 or int4/);
    expect(run.code).toBe(2);
  });
});
