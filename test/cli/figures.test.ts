import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from '../../src/results/csv.js';
import { readManifest } from '../../src/results/manifest.js';
import { repro } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-figures-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One sample of one benchmark, 32 steps. */
const short = ['--limit', '1', '--benchmarks', 'gsm8k', '--set', 'generation.genLength=32'];
const steps = ['--set', 'generation.steps=32'];

const files = {
  figure2: ['figure2.csv', 'figure2e.csv', 'figure2-gsm8k.svg', 'figure2e.svg'],
  figure4: ['figure4.csv', 'figure4.svg'],
  figure5: ['figure5.csv', 'figure5-gsm8k.svg'],
  figure7: ['figure7-waits.csv', 'figure7.csv', 'figure7-gsm8k.svg', 'figure7-waits.svg'],
} as const;

describe.each(Object.entries(files))('repro %s', (figure, written) => {
  test('decodes a sample, prints a table, and writes its data and a manifest', async () => {
    const out = join(folder, figure);
    const { stdout, stderr, code } = await repro([figure, ...short, ...steps, '--out', out]);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('sample 1 of 1') });
    expect(stdout).toMatch(
      new RegExp(`^Figure ${figure.slice(6)}: .*\nn = 1 sample, model reference, .*, 20`),
    );
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
    expect((await readdir(out)).sort()).toEqual([...written, 'manifest.json'].sort());
    expect(await repro(['report', out])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is a folder of figure\d, not of an experiment.*--figures DIR/),
    });
    const pictures = join(folder, `${figure}-pictures`, 'deep');
    expect(await repro(['report', out, '--figures', pictures])).toMatchObject({ code: 0, stdout: '' });
    const svg = written.filter((name) => name.endsWith('.svg'));
    expect((await readdir(pictures)).sort()).toEqual([...svg].sort());
    for (const name of svg) {
      const text = await readFile(join(pictures, name), 'utf8');
      expect(text).toBe(await readFile(join(out, name), 'utf8'));
      expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg".*<\/svg>\n$/s);
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
    }
    const manifest = await readManifest(join(out, 'manifest.json'));
    expect(manifest).toMatchObject({ state: 'finished', experiment: figure, device: { kind: 'cpu' } });
    const [main] = written.filter((name) => name === `${figure}.csv`);
    const rows = await readCsv(join(out, main!));
    if (figure === 'figure2') expect(rows).toHaveLength(2 * 2 * 6 * 31);
    if (figure === 'figure4') {
      expect(rows).toHaveLength(8 * 2 * 4);
      for (const { spearman } of rows) expect(Math.abs(Number(spearman))).toBeLessThanOrEqual(1);
      const all = rows.filter((row) => row.layer === 'all' && row.scope === 'all');
      expect(all.map((row) => row.published)).toEqual(['0.99', '0.99', '0.94', '0.97']);
    }
    if (figure === 'figure5') {
      const shares = rows.filter((row) => row.measure === 'attention-to-key').map((row) => Number(row.mean));
      expect(shares.every((share) => share > 0 && share < 1)).toBe(true);
    }
  });
});

test('repro figure1 runs the methods of Table 1 and draws them into the folder of the run', async () => {
  const out = join(folder, 'figure1');
  const few = ['--methods', 'vanilla,fast-dllm', '--time-budget', '1s', '--out', out];
  const { stdout, stderr, code } = await repro(['figure1', ...short, ...steps, ...few]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('3 figures are in') });
  expect(stdout).toMatch(/^Figure 1: Tokens per second of the methods/);
  const names = ['figure1.svg', 'speed-accuracy.svg', 'speedup.svg', 'summary.csv'];
  expect(await readdir(out)).toEqual(expect.arrayContaining(names));
});

test('repro figure6 sweeps where thresholds begin, fixed ones and those that adapt', async () => {
  const out = join(folder, 'figure6');
  const flags = ['--limit', '1', ...short.slice(4), ...steps, '--no-timing', '--json', '--out', out];
  const { stdout, code } = await repro(['figure6', ...flags]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).rows).toHaveLength(1 + 2 * 6);
  const text = await readFile(join(out, 'sweep.svg'), 'utf8');
  expect(text).toContain('by method.unmask.tau and method.unmask.tau0');
});

test('the same seed gives the same data', async () => {
  const run = async (name: string, seed: string) => {
    const out = join(folder, name);
    const { code } = await repro(['figure4', ...short, ...steps, '--seed', seed, '--out', out, '--json']);
    expect(code).toBe(0);
    return readCsv(join(out, 'figure4.csv'));
  };
  const first = await run('a', '7');
  expect(await run('b', '7')).toEqual(first);
  expect(await run('c', '8')).not.toEqual(first);
});

test.each([
  [['figure2', '--tau', '2'], /^repro: --tau is 2, but it must be a probability above 0 and at most 1\.\n$/],
  [['figure2', '--limit', '0'], /^repro: --limit is 0, but it must be a whole number of at least 1\.\n$/],
  [['figure7', '--benchmarks', 'gsm9k'], /^repro: [^\n]*gsm9k[^\n]*gsm8k[^\n]*\n$/],
  [['figure4', '--model', 'nowhere'], /^repro: [^\n]*nowhere[^\n]*\n$/],
  [['figure5', '--set', 'generation.cfg=1'], /^repro: [^\n]*one stream; set generation\.cfg to 0\.\n$/],
  [['figure5', '--set', 'methods.vanilla.cache.policy=dual'], /^repro: [^\n]+\n$/],
])('refuses %j', async (args, message) => {
  const { stdout, stderr, code } = await repro(args, { cwd: folder });
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toMatch(message);
});
