import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadExperiment } from '../../src/config/experiment.js';
import { experimentSha256, generationOf, resolveExperiment } from '../../src/config/resolve-experiment.js';
import { readSummary } from '../../src/results/csv.js';
import { runCli } from './cli-runs.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-tables-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const paperRows = [
  'vanilla',
  'dkv-cache',
  'dllm-cache',
  'fast-dllm',
  'dynamic-dllm',
  'fast-dllm-dual-parallel',
  'dynamic-dllm-apd',
];

describe.each([
  { id: 'table1', settings: 'llada', title: 'Table 1: Accuracy and speed of the methods (reference model,' },
  {
    id: 'table2',
    settings: 'llada-1.5',
    title: 'Table 2: Accuracy and speed of the methods (reference model with the settings for LLaDA-1.5,',
  },
  {
    id: 'table3',
    settings: 'dream',
    title: 'Table 3: Accuracy and speed of the methods (Dream reference model,',
  },
])('$id', ({ id, settings, title }) => {
  test("has the paper's rows, with the settings of its model", () => {
    const experiment = resolveExperiment(loadExperiment(id));
    expect(experiment.groups.flatMap(({ methods }) => methods)).toEqual(paperRows);
    expect(experiment.settings).toBe(settings);
  });

  test('runs, says whose figures it shows, and gets an answer right with every method', async () => {
    const out = join(folder, id);
    const run = await runCli(
      [id, '--limit', '1', '--benchmarks', 'mmlu', '--no-timing', '--out', out],
      folder,
    );
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout.split('\n')[0]).toContain(title);
    const rows = await readSummary(join(out, 'summary.csv'));
    expect(rows.map(({ method }) => method)).toEqual(paperRows);
    for (const row of rows) expect(row, row.method).toMatchObject({ errors: 0, correct: 1 });
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.config.settings).toBe(settings);
  });
});

test('table9 names the device that it ran on, also when it is shown again', async () => {
  const out = join(folder, 'table9');
  const limits = ['--limit', '1', '--methods', 'dynamic-dllm', '--no-timing', '--device', 'cpu'];
  const run = await runCli(['table9', ...limits, '--out', out], folder);
  expect(run.code, run.stderr).toBe(0);
  const { device } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  expect(run.stdout.split('\n')[0]).toContain(
    `Table 9: GSM8K and HumanEval on ${device.name} (reference model,`,
  );
  expect(run.stdout).toContain('37.15 q');
  expect((await runCli(['report', out], folder)).stdout).toBe(run.stdout);
});

test('table1-opencompass: the rows of Table 1 at the lengths of the paper', () => {
  const experiment = resolveExperiment(loadExperiment('table1-opencompass'));
  expect(experiment.groups.flatMap(({ methods }) => methods)).toEqual(paperRows);
  expect(experiment.profile).toBe('opencompass');
  const lengths = experiment.benchmarks.map((id) => [id, generationOf(experiment, id).genLength]);
  expect(Object.fromEntries(lengths)).toEqual({ mmlu: 256, arc: 256, gsm8k: 256, humaneval: 512, math: 256 });
  expect(experiment.average).toEqual(['mmlu', 'arc', 'gsm8k', 'humaneval']);
});

test("settings for LLaDA-1.5 are not taken for a Dream model; it keeps its family's own", () => {
  const experiment = resolveExperiment(loadExperiment('table2'), { model: 'reference-dream' });
  expect(experiment.settings).toBe('dream');
  expect(experiment.methods['dllm-cache']?.cache).toMatchObject({ promptInterval: 50, responseInterval: 2 });
});

test('methods beyond the table, presets among them, make rows of their own', () => {
  const table = loadExperiment('table1');
  const preset = 'dllm-cache@llada-instruct-humaneval';
  const experiment = resolveExperiment(table, { methods: [preset, 'dynamic-dllm-released', 'dllm-cache'] });
  expect(experiment.groups).toEqual([
    { name: 'One token per step', methods: ['dllm-cache'] },
    { name: 'Others', methods: [preset, 'dynamic-dllm-released'] },
  ]);
  expect(experiment.methods[preset]?.cache).toMatchObject({ promptInterval: 50, responseInterval: 8 });
  expect(experimentSha256(experiment)).not.toBe(experimentSha256(resolveExperiment(table)));
});
