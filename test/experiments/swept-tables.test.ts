import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { generationOf } from '../../src/config/resolve-experiment.js';
import { readSummary } from '../../src/results/csv.js';
import { runCli } from './cli-runs.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-swept-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Of each point what it sweeps, by the last name of the path. */
function sweptValues(id: string): unknown[] {
  return planExperiment(id, { quick: false, overrides: [] }).points.map(({ params }) =>
    Object.fromEntries(Object.entries(params).map(([path, value]) => [path.split('.').at(-1), value])),
  );
}

const pairs = (a: string, as: number[], b: string, bs: number[]) =>
  as.flatMap((x) => bs.map((y) => ({ [a]: x, [b]: y })));

describe('tables of the paper that sweep settings', () => {
  test('table5: both sizes at length 256', () => {
    const sizes = [8, 16, 32, 64];
    expect(sweptValues('table5')).toEqual(pairs('layerBudget', sizes, 'windowSize', sizes));
    const [{ experiment }] = planExperiment('table5', { quick: false, overrides: [] }).points;
    expect(generationOf(experiment, 'gsm8k')).toMatchObject({ genLength: 256, steps: 256, blockLength: 32 });
    expect(experiment.methods['dynamic-dllm']?.cache).toMatchObject({ layerBudget: 8, windowSize: 8 });
  });

  test.each(['table6', 'table1-autotune'])('%s: three lengths, a step a token', (id) => {
    expect(sweptValues(id)).toEqual([64, 128, 256].map((n) => ({ genLength: n, steps: n })));
  });

  test('table7: the published pairs are in the grid', () => {
    expect(sweptValues('table7')).toEqual(pairs('alpha', [0.001, 0.01, 0.1], 'beta', [0.0008, 0.008, 0.08]));
  });

  test('apd-drift: one threshold at the start, the weights of the paper and of the released code', () => {
    const [{ experiment }] = planExperiment('apd-drift', { quick: false, overrides: [] }).points;
    const unmask = (id: string) => experiment.methods[id]?.unmask;
    expect(unmask('paper')).toMatchObject({ rule: 'apd', tau0: 0.9, alpha: 0.001, beta: 0.0008 });
    expect(unmask('paper-rule-released-weights')).toMatchObject({ rule: 'apd', alpha: 0.01, beta: 0.15 });
    expect(unmask('released-block')).toMatchObject({ rule: 'apd-released', mode: 1, tau0: 0.9, beta: 0.15 });
    expect(unmask('released-token')).toMatchObject({ rule: 'apd-released', mode: 2, tau0: 0.9, beta: 0.15 });
    expect(unmask('released')).toMatchObject({ rule: 'apd-released', mode: 1, tau0: 1, alpha: 0.01 });
  });

  test('table7 --quick runs: the baseline once, APD at every pair', async () => {
    const out = join(folder, 'table7');
    const run = await runCli(['table7', '--quick', '--no-timing', '--out', out], folder);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toContain('Table 7: alpha against beta of APD (reference model,');
    expect(run.stdout).toMatch(/│ 0\.001 .* 78\.01 q /);
    expect(run.stdout).toContain("GSM8K, NFE (the paper's NIS)");
    expect(run.stdout).toContain('; apd[alpha=0.1,beta=0.08] ');
    const again = await runCli(['report', out], folder);
    expect(again.stdout).toBe(run.stdout);
    const rows = await readSummary(join(out, 'summary.csv'));
    expect(rows.filter(({ method }) => method === 'vanilla')).toHaveLength(1);
    expect(rows.filter(({ method }) => method.startsWith('apd['))).toHaveLength(9);
    for (const row of rows) expect(row, row.method).toMatchObject({ n: 1, errors: 0 });
  });
});
