import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { captureEnvironment } from '../../src/measure/environment.js';
import { packageRoot } from '../../src/paths.js';
import { summaryColumns } from '../../src/results/columns.js';
import { readSummary, writeSummary } from '../../src/results/csv.js';
import { type Manifest, readManifest, writeManifest } from '../../src/results/manifest.js';
import { RowLog, readRows } from '../../src/results/row-log.js';
import { sampleFormat } from '../../src/results/samples.js';
import { summariseCell } from '../../src/results/summary.js';
import { sampleOf } from './rows.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-results-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('samples.jsonl', () => {
  test('a resumed log has what was written, once, and drops a torn line', async () => {
    const path = join(dir, 'samples.jsonl');
    const log = await RowLog.open(path, sampleFormat);
    await log.append(sampleOf('a'));
    await log.append(sampleOf('b', { error: 'stalled', correct: false, output: null }));
    await log.append(sampleOf('a', { correct: false }));
    await log.close();
    await appendFile(path, '{"schema":1,"cell"');
    const again = await RowLog.open(path, sampleFormat);
    expect(again.rows).toEqual([
      sampleOf('a'),
      sampleOf('b', { error: 'stalled', correct: false, output: null }),
    ]);
    expect(again.repairedBytes).toBe(18);
    await again.close();
    expect(await readRows(path, sampleFormat)).toEqual(again.rows);
  });

  test('rows of another version are refused with line and field', async () => {
    const path = join(dir, 'samples.jsonl');
    const rows = [sampleOf('a'), { ...sampleOf('b'), schema: 2 }];
    await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await expect(readRows(path, sampleFormat)).rejects.toMatchObject({
      code: 'SAMPLES_INVALID',
      message: expect.stringMatching(/samples\.jsonl:2: "schema"/),
    });
  });
});

describe('summary.csv', () => {
  const key = {
    experiment: 'table1',
    model: 'reference',
    method: 'vanilla',
    benchmark: 'gsm8k',
    profile: 'mini',
    seed: '0012',
    limit: null,
    configSha256: '00',
    modelSha256: '11',
    dataSha256: '22',
  };

  test('comes back, texts as texts, to six digits', async () => {
    const samples = [sampleOf('a'), sampleOf('b', { correct: false })];
    const row = summariseCell({ key, samples, baseline: samples, eosId: 0 });
    const path = join(dir, 'summary.csv');
    await writeSummary(path, [row]);
    const [back] = await readSummary(path);
    expect(back!.seed).toBe('0012');
    expect(back!.limit).toBeNull();
    for (const column of summaryColumns) {
      const value = row[column];
      if (typeof value === 'number') expect(back![column]).toBeCloseTo(value, 4);
      else expect(back![column]).toBe(value);
    }
    expect(await readFile(path, 'utf8')).toMatch(/^schema,experiment,model,method,benchmark,profile,seed,/);
  });

  test('the columns are those of the design page, in its order', () => {
    expect(summaryColumns.join(' ')).toMatchInlineSnapshot(
      `"schema experiment model method benchmark profile seed limit config_sha256 model_sha256 data_sha256 n errors correct accuracy accuracy_low accuracy_high agreement identical nfe_mean row_nfe_mean flops_per_token tokens_canvas tokens_to_eos tokens_non_eos tokens_retokenised tokens_per_step nfe_executed row_nfe_executed flops_executed tps tps_low tps_high tps_to_eos tps_non_eos tps_with_prompt latency_s speedup speedup_low speedup_high peak_memory_bytes accuracy_delta mcnemar_p verdict paper_accuracy paper_tps paper_speedup paper_certainty"`,
    );
  });

  test('other tables are refused', async () => {
    const path = join(dir, 'summary.csv');
    for (const text of ['schema\n2\n', 'a\n1\n', 'schema,n\n1,2\n', 'schema\n"1']) {
      await writeFile(path, text);
      await expect(readSummary(path)).rejects.toMatchObject({ name: 'UsageError' });
    }
  });
});

describe('manifest.json', () => {
  async function example(): Promise<Manifest> {
    const digest = 'ab'.repeat(32);
    const model = {
      id: 'reference',
      commit: null,
      sha256: digest,
      files: [{ name: 'config.json', bytes: 3, sha256: digest }],
    };
    return {
      schema: 2,
      experiment: 'table1',
      command: ['table1', '--limit', '3'],
      config: { limit: 3 },
      configSha256: digest,
      environment: await captureEnvironment(packageRoot),
      device: { kind: 'webgpu', name: 'h100', driver: 'nvidia 550', threads: 2 },
      model,
      models: [model],
      cells: [
        {
          ...{ id: 'gsm8k/vanilla', model: 'reference', method: 'vanilla', params: { 'generation.cfg': 1 } },
          ...{ benchmark: 'gsm8k', profile: 'mini', seed: '1234', limit: 3, eosId: 0, samples: 3 },
          ...{ configSha256: digest, modelSha256: digest, dataSha256: digest, baseline: 'gsm8k/vanilla' },
        },
      ],
      shard: { index: 1, of: 2 },
      workers: 1,
      canaries: [{ model: 'reference', denoiseMs: [12.5, 12.75] }],
      paper: null,
      data: { gsm8k: { file: 'tasks/mini/gsm8k.test.jsonl', sha256: digest, promptTemplateSha256: digest } },
      chatTemplateSha256: digest,
      seeds: { run: '1234' },
      startedAt: '2026-11-22T15:00:00.000Z',
      endedAt: null,
      state: 'running',
      resumed: 0,
    };
  }

  test('comes back as it was written', async () => {
    const path = join(dir, 'manifest.json');
    const content = await example();
    await writeManifest(path, content);
    expect(await readManifest(path)).toEqual(content);
  });

  test('a missing, damaged or foreign one is a usage error', async () => {
    const path = join(dir, 'manifest.json');
    await expect(readManifest(path)).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
    await writeFile(path, '{');
    await expect(readManifest(path)).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
    await writeFile(path, JSON.stringify({ ...(await example()), state: 'lost' }));
    await expect(readManifest(path)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('"state"'),
    });
    await expect(writeManifest(path, { ...(await example()), configSha256: 'short' })).rejects.toThrow();
  });
});
