import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readManifest } from '../../src/results/manifest.js';
import { answerTable, deterministicColumns, runCli, timelessRows } from './cli-runs.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-merge-'));
  const shard = (k: number, of: number, name: string) =>
    runCli([...answerTable, '--shard', `${k}/${of}`, '--out', at(name)], folder);
  const runs = [await runCli([...answerTable, '--workers', '1', '--out', at('whole')], folder)];
  for (const [k, of] of [
    [1, 2],
    [2, 2],
    [2, 3],
  ] as const)
    runs.push(await shard(k, of, `${k}of${of}`));
  for (const { code, stderr } of runs) expect(code, stderr).toBe(0);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const merge = (dirs: readonly string[], out: string) => runCli(['merge', ...dirs, '--out', out], folder);

test('the shards of a run, in any order, are the run', async () => {
  const merged = await merge(['2of2', '1of2'], 'merged');
  expect(merged.stderr).toBe('');
  expect(merged.code).toBe(0);
  expect(merged.stdout).toContain('6 cells of 2 shards are in ');
  expect(await timelessRows(at('merged'))).toEqual(await timelessRows(at('whole')));
  expect(await deterministicColumns(at('merged'))).toEqual(await deterministicColumns(at('whole')));
  const scores = await readFile(join(at('merged'), 'scores.csv'), 'utf8');
  expect(scores).toBe(await readFile(join(at('whole'), 'scores.csv'), 'utf8'));
  expect(scores).toContain(',mmlu,mini,1234,3,stated-letter,unweighted,3,,');
  const { shard, state } = await readManifest(join(at('merged'), 'manifest.json'));
  expect({ shard, state }).toEqual({ shard: null, state: 'finished' });
});

test('without --out the merged run gets a name among the others', async () => {
  const merged = await runCli(['merge', '1of2', '2of2'], folder);
  expect(merged.stdout).toMatch(/are in .*results\/runs\/table1-\d{8}T\d{6}Z-[0-9a-f]{6}\n$/);
});

test('several workers give the same rows as one', async () => {
  const run = await runCli([...answerTable, '--workers', '2', '--out', at('two')], folder);
  expect(run.code, run.stderr).toBe(0);
  expect((await readManifest(join(at('two'), 'manifest.json'))).workers).toBe(2);
  expect(await timelessRows(at('two'))).toEqual(await timelessRows(at('whole')));
  expect(await deterministicColumns(at('two'))).toEqual(await deterministicColumns(at('whole')));
});

describe('what cannot be merged is one sentence, and nothing is written', () => {
  it.each([
    ['one part alone', ['1of2', '1of2'], 'are both shard 1/2'],
    ['a part of another division', ['1of2', '2of3'], 'is shard 2/3, but 1of2 is one of 2'],
    ['missing parts', ['2of3', '2of3-copy'], 'are both shard 2/3'],
    ['a whole run', ['1of2', 'whole'], 'whole is a whole run, not a shard'],
    ['no run', ['1of2', '.'], 'no readable manifest'],
  ])('%s', async (_, dirs, sentence) => {
    await cp(at('2of3'), at('2of3-copy'), { recursive: true });
    const run = await merge(dirs, 'none');
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: '' });
    expect(run.stderr).toContain(sentence);
    await expect(readFile(at('none/manifest.json'))).rejects.toThrow();
  });

  it('a part that is not finished, was changed, or disagrees', async () => {
    await cp(at('2of2'), at('bad'), { recursive: true });
    const path = join(at('bad'), 'manifest.json');
    const manifest = await readFile(path, 'utf8');
    const withManifest = async (text: string) => {
      await writeFile(path, text);
      return (await merge(['1of2', 'bad'], 'none')).stderr;
    };
    expect(await withManifest(manifest.replace('"finished"', '"interrupted"'))).toContain(
      'bad (shard 2/2) is interrupted; finish it first: repro table1',
    );
    expect(
      await withManifest(manifest.replace(/"onnxruntime": "[^"]+"/, '"onnxruntime": "1.0.0"')),
    ).toContain('1of2 and bad disagree in the onnxruntime version');
    await writeFile(path, manifest);
    const samples = join(at('bad'), 'samples.jsonl');
    const lines = (await readFile(samples, 'utf8')).trimEnd().split('\n');
    await writeFile(samples, `${lines.slice(1).join('\n')}\n`);
    expect((await merge(['1of2', 'bad'], 'none')).stderr).toMatch(
      /cell \S+ has 2 of 3 samples in these shards/,
    );
  });
});
