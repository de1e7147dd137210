import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifest } from '../../src/results/manifest.js';
import { repro } from '../cli/run.js';
import { dataDir, folderWith, skipped } from '../tasks/data-dir.js';

const experiment = `
id: real
profile: lm-eval
limit: 1
methods: [fast-dllm-dual-parallel]
baseline: fast-dllm-dual-parallel
generation: { genLength: 32, blockLength: 32, steps: 32, longCanvas: decode }
benchmarks: [gsm8k, humaneval]
`;

test('a run on the real GSM8K and HumanEval: prompts with examples, every scorer, and what it cannot say', async (context) => {
  if (skipped !== false) context.skip(skipped);
  const cwd = folderWith({ 'real.yaml': experiment });
  const args = ['run', 'real.yaml', '--data', dataDir, '--no-timing'];
  const run = await repro([...args, '--out', 'out'], { cwd });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toMatch(/^real \(reference model, .*lm-eval benchmarks, 1 samples? per benchmark\)/);
  expect(run.stdout).toMatch(/^GSM8K +flexible-extract \d+\.\d +strict-match \d+\.\d$/m);
  expect(run.stdout).toMatch(
    /gsm8k: 1 of 1 canvases \(up to \d+ tokens\) are longer than the 512 that model reference was made for/,
  );

  const lines = (await readFile(join(cwd, 'out', 'samples.jsonl'), 'utf8')).trim().split('\n');
  const rows = lines.map(
    (line) => JSON.parse(line) as { benchmark: string; error: unknown; scores: object; promptTokens: number },
  );
  expect(rows.map(({ benchmark, error }) => ({ benchmark, error }))).toEqual([
    { benchmark: 'gsm8k', error: null },
    { benchmark: 'humaneval', error: null },
  ]);
  expect(rows.map(({ scores }) => Object.keys(scores))).toEqual([
    ['flexible-extract', 'strict-match'],
    ['pass@1', 'pass@1-sanitised'],
  ]);
  expect(rows[0]!.promptTokens).toBeGreaterThan(512);
  const { data, longCanvases } = await readManifest(join(cwd, 'out', 'manifest.json'));
  expect(data.gsm8k).toMatchObject({
    file: 'openai/gsm8k test',
    sha256: '3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14',
    shots: { from: 'gsm8k train, drawn with seed 1234' },
  });
  expect(longCanvases!.map(({ benchmark }) => benchmark)).toContain('gsm8k');

  const scored = await repro(['score', 'out/samples.jsonl', '--task', 'gsm8k', '--data', dataDir, '--json'], {
    cwd,
  });
  expect(JSON.parse(scored.stdout)).toMatchObject({ n: 1, skipped: 1 });

  // A run goes on with the data that it began with, and with no other.
  const slice = join(dataDir, 'parquet');
  await writeFile(join(cwd, 'out', 'samples.jsonl'), `${lines[0]}\n`);
  const other = await repro(['run', 'real.yaml', '--data', slice, '--no-timing', '--resume', 'out'], { cwd });
  expect(other.stderr).toMatch(
    /cannot resume .*the data of gsm8k, the examples of gsm8k, the data of humaneval changed/,
  );
  expect(other.code).toBe(2);
});
