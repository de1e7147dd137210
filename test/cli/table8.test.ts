import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCsv } from '../../src/results/csv.js';
import { readManifest } from '../../src/results/manifest.js';
import { repro } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-table8-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('repro table8 times three lengths, prints a table, and writes every time and a manifest', async () => {
  const out = join(folder, 'run');
  const { stdout, stderr, code } = await repro(['table8', '--quick', '--repeats', '1', '--out', out]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('length 256, gsm8k') });
  expect(stdout).toMatch(/^Table 8: .*\(the paper's 256, 512 and 1024\)\nn = 1 sample, model reference, /);
  expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  expect((await readdir(out)).sort()).toEqual(['manifest.json', 'table8-times.csv', 'table8.csv']);
  const manifest = await readManifest(join(out, 'manifest.json'));
  expect(manifest).toMatchObject({ state: 'finished', experiment: 'table8' });
  const rows = await readCsv(join(out, 'table8.csv'));
  expect(rows.map((row) => [row.gen_length, row.method, row.part, row.equal_tokens])).toEqual(
    ['64', '128', '256'].flatMap((length) => [
      [length, 'dynamic-dllm', 'DCU', '1'],
      [length, 'apd', 'APD', '1'],
    ]),
  );
  expect(await repro(['report', out])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a folder of table8, not of an experiment with methods'),
  });
});

test('a method that adds nothing is refused before anything is decoded', async () => {
  const out = join(folder, 'none');
  const { code, stdout, stderr } = await repro(['table8', '--methods', 'fast-dllm', '--out', out]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/fast-dllm.*: this method chooses neither rows nor thresholds/);
  expect(await readdir(folder)).not.toContain('none');
});
