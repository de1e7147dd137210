import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSummary } from '../../src/results/csv.js';
import { readScores } from '../../src/results/scores.js';
import { runCli } from '../experiments/cli-runs.js';
import { repro } from './run.js';

let folder: string;
let run: string;
let printed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-report-'));
  run = join(folder, 'run');
  const table = await runCli(
    [
      'table1',
      ...['--benchmarks', 'mmlu,gsm8k', '--methods', 'dynamic-dllm-apd,vanilla', '--limit', '2'],
      ...[
        '--set',
        'generation.genLength=32',
        '--set',
        'generation.steps=32',
        '--time-budget',
        '2s',
        '--out',
        run,
      ],
    ],
    folder,
  );
  expect(table.code, table.stderr).toBe(0);
  printed = table.stdout;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the run that a test may damage. */
async function copy(name: string): Promise<string> {
  const target = join(folder, name);
  await cp(run, target, { recursive: true });
  return target;
}

test('prints the table that the run printed, without samples and the time of a model', async () => {
  const dir = await copy('same');
  await rm(join(dir, 'samples.jsonl'));
  const { stdout, stderr, code } = await repro(['report', dir]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toBe(printed);
});

test('shows every scorer below the table and has them all in scores.csv', async () => {
  const line = (start: string) => printed.split('\n').find((text) => text.startsWith(start));
  expect(line('GSM8K  ')).toMatch(
    /^GSM8K {2}strict-match \/ flexible-extract: .+ \d+\.0 \/ \d+\.0; .+ \d+\.0 \/ \d+\.0$/,
  );
  expect(line('MMLU  ')).toMatch(/^MMLU {2}weighted \/ unweighted: /);
  const rows = await readScores(join(run, 'scores.csv'));
  const samples = (await readFile(join(run, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
  const gsm8k = rows.filter(({ benchmark }) => benchmark === 'gsm8k');
  expect(gsm8k.map(({ method, scorer, n }) => [method, scorer, n])).toEqual(
    ['vanilla', 'dynamic-dllm-apd'].flatMap((method) =>
      ['strict-match', 'flexible-extract'].map((scorer) => [method, scorer, 2]),
    ),
  );
  for (const { method, scorer, correct } of gsm8k) {
    const right = samples
      .map((text) => JSON.parse(text))
      .filter((row) => row.benchmark === 'gsm8k' && row.method === method && row.scores[scorer].correct);
    expect(correct).toBe(right.length);
  }
  const summary = await readSummary(join(run, 'summary.csv'));
  for (const { method, benchmark, accuracy } of summary) {
    const deciding = rows.find(
      (row) => row.method === method && row.benchmark === benchmark && row.group === '',
    );
    expect(deciding!.accuracy).toBe(accuracy);
  }
});

test('a run from before scores.csv and all scorers is shown without them', async () => {
  const dir = await copy('before');
  await rm(join(dir, 'scores.csv'));
  const samples = join(dir, 'samples.jsonl');
  const old = (await readFile(samples, 'utf8')).replace(/"(?:scores":\{.*?\}\}|group":"\w+"),/g, '');
  expect(old).not.toMatch(/"scores"|"group"/);
  await writeFile(samples, old);
  const { stdout, stderr, code } = await repro(['report', dir]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toBe(printed.replace(/^(?:GSM8K|MMLU) {2}.*\n/gm, ''));
});

test('writes the format that --format, or the name of the file, asks for', async () => {
  const outputs = [
    ['table.md', '### Table 1: Accuracy'],
    ['table.tex', '% Needs \\usepackage{booktabs}.'],
    ['table.csv', 'group,method,name,column'],
    ['table.json', '{\n  "title": "Table 1: Accuracy'],
    ['table.txt', 'Table 1: Accuracy'],
  ] as const;
  for (const [name, start] of outputs) {
    const out = join(folder, name);
    const { stdout, stderr, code } = await repro(['report', run, '--out', out]);
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: `repro: the report is in ${out}\n`,
      code: 0,
    });
    expect((await readFile(out, 'utf8')).startsWith(start)).toBe(true);
  }
  const json = await repro(['report', run, '--format', 'json']);
  expect(json.stdout).toBe(await readFile(join(folder, 'table.json'), 'utf8'));
  expect(await readFile(join(folder, 'table.txt'), 'utf8')).toBe(printed);
});

describe('a run that is not finished', () => {
  async function inState(state: string): Promise<string> {
    const dir = await copy(state);
    const path = join(dir, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, state }));
    return dir;
  }

  test('says so', async () => {
    const { stdout, code } = await repro(['report', await inState('interrupted')]);
    expect(code).toBe(0);
    expect(stdout).toContain('\nnot finished: the run was interrupted; ');
    expect(stdout.replace(/not finished: .*\n/, '')).toBe(printed);
  });

  test('is shown by its samples until now', async () => {
    const dir = await inState('running');
    await rm(join(dir, 'summary.csv'));
    await rm(join(dir, 'scores.csv'));
    const { stdout, code } = await repro(['report', dir]);
    expect(code).toBe(0);
    expect(stdout.replace(/not finished: .*\n/, '')).toBe(printed);
  });
});

describe('what cannot be reported is one sentence and exit code 2', () => {
  async function refusal(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await repro(['report', ...args]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(/^repro: .*\n$/);
    return stderr;
  }

  test('no run there', async () => {
    expect(await refusal(folder)).toContain('holds no run (there is no manifest.json)');
    expect(await refusal(join(folder, 'rum'))).toContain('Did you mean "run"?');
    expect(await refusal(join(run, 'summary.csv'))).toContain(`repro report ${run}.`);
  });

  test('an unknown format, a file that cannot be written', async () => {
    expect(await refusal(run, '--format', 'latx')).toContain('Did you mean "latex"?');
    expect(await refusal(run, '--out', join(folder, 'none', 'x.md'))).toContain('(ENOENT)');
  });

  test('a summary that is missing, damaged or empty', async () => {
    const dir = await copy('damaged');
    const summary = join(dir, 'summary.csv');
    const text = await readFile(summary, 'utf8');
    await writeFile(
      summary,
      text.replace(/^[^\n]*\n/, (header) => header.replace(',accuracy,', ',acuracy,')),
    );
    expect(await refusal(dir)).toContain('column "accuracy" is missing; did you mean "acuracy"?');
    await writeFile(summary, '');
    expect(await refusal(dir)).toContain('the file is empty');
    await rm(summary);
    await rm(join(dir, 'samples.jsonl'));
    expect(await refusal(dir)).toContain('has no finished sample yet');
  });

  test('a manifest of another kind', async () => {
    const dir = await copy('manifest');
    const path = join(dir, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, config: {} }));
    expect(await refusal(dir)).toContain('another version of repro made this run');
    await writeFile(path, '{');
    expect(await refusal(dir)).toContain('no readable manifest');
  });
});

test('--figures writes the pictures of the run, and the table as before', async () => {
  const figures = join(folder, 'new', 'figures');
  const { stdout, stderr, code } = await repro(['report', run, '--figures', figures]);
  expect({ stderr, code }).toEqual({ stderr: `repro: 3 figures are in ${figures}\n`, code: 0 });
  expect(stdout).toBe(printed);
  expect((await readdir(figures)).sort()).toEqual(['figure1.svg', 'speed-accuracy.svg', 'speedup.svg']);
  const text = await readFile(join(figures, 'figure1.svg'), 'utf8');
  expect(text).toContain('n = 2 samples a benchmark; model reference');
});

test('a folder for figures that cannot be made: one sentence', async () => {
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const { stderr, code } = await repro(['report', run, '--figures', join(file, 'below')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^repro: cannot write figures into .*a-file.below \(ENOTDIR\); name another folder\.\n$/,
  );
});
