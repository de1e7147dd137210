import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { runCli } from './cli-runs.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-reference-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a fresh quick Table 1 is the one of results/reference', async () => {
  const run = await runCli(['table1', '--quick', '--no-timing', '--out', 'fresh'], folder);
  expect(run.code, run.stderr).toBe(0);
  const reference = join(packageRoot, 'results', 'reference', 'table1-quick.csv');
  const diff = await runCli(['diff', reference, 'fresh'], folder);
  expect(diff.code, diff.stdout + diff.stderr).toBe(0);
  expect(diff.stdout).toContain('same: 42 cells compared');
}, 600_000);
