import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCsv } from '../../src/results/csv.js';
import { repro } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-drift-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  'reference',
  'reference-dream',
])('repro apd-drift on %s writes the course of tau', async (model) => {
  const out = join(folder, model);
  const { stdout, stderr, code } = await repro(['apd-drift', '--quick', '--model', model, '--out', out]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('sample 1 of 1') });
  expect(stdout).toMatch(new RegExp(`\\nn = 1 sample, model ${model}, `));
  expect(await readdir(out)).toEqual(expect.arrayContaining(['manifest.json', 'tau.csv']));
  const rows = await readCsv(join(out, 'tau.csv'));
  const methods = [...new Set(rows.map(({ method }) => method))];
  expect(methods).toEqual([
    'paper',
    'paper-rule-released-weights',
    'released-block',
    'released-token',
    'released',
  ]);
  for (const row of rows.filter(({ step }) => step === '0')) expect(row.mean).toBe(row.tau0);
  // With c and H between 0 and 2 no step moves a threshold further than this.
  for (const { step, tau0, alpha, beta, mean } of rows) {
    const most = Number(step) * 2 * (Number(alpha) + Number(beta)) + 1e-9;
    expect(Math.abs(Number(mean) - Number(tau0))).toBeLessThanOrEqual(most);
  }
  const paper = rows.filter(({ method }) => method === 'paper');
  expect(paper.some(({ mean }) => Number(mean) !== 0.9)).toBe(true);
});

test('methods without thresholds are refused', async () => {
  const { code, stdout, stderr } = await repro([
    'apd-drift',
    '--methods',
    'fixed',
    '--out',
    join(folder, 'x'),
  ]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('none of these methods moves thresholds; use apd,');
});
