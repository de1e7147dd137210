import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { type Manifest, readManifest, writeManifest } from '../../src/results/manifest.js';
import type { SampleRow } from '../../src/results/samples.js';
import { runCli, smallTable } from '../experiments/cli-runs.js';
import {
  changedCsv,
  csvOf,
  defaultCsv,
  defaultSamples,
  digest,
  manifestOf,
  otherCpu,
  rowsOf,
  samplesOf,
} from '../results/diff/sides.js';
import { repro } from './run.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-diff-'));
});
afterAll(() => rm(dir, { recursive: true }));

let files = 0;
async function csv(text: string | Uint8Array): Promise<string> {
  const name = `t${++files}.csv`;
  await writeFile(join(dir, name), text);
  return name;
}

/** A run directory of both methods. */
async function run(
  name: string,
  samples: readonly SampleRow[],
  change: Partial<Manifest> = {},
): Promise<string> {
  await mkdir(join(dir, name));
  await writeManifest(join(dir, name, 'manifest.json'), manifestOf(change));
  await writeFile(
    join(dir, name, 'samples.jsonl'),
    samples.map((row) => `${JSON.stringify(row)}\n`).join(''),
  );
  await writeFile(join(dir, name, 'summary.csv'), csvOf(rowsOf(samples)));
  return name;
}

/** Runs `repro diff` in the folder of the files. */
const diff = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  repro(['diff', ...args], { cwd: dir, env });

describe('exit code', () => {
  test('0: the same, in a few lines', async () => {
    const [a, b] = [await csv(defaultCsv), await csv(defaultCsv)];
    expect(await diff([a, b])).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "",
        "stdout": "A  t1.csv  table, 2 cells
      B  t2.csv  table, 2 cells
      note: no manifest beside A and B: settings and hardware could not be compared
      same: 2 cells compared
      rule: deterministic columns must be equal (taken for one class of CPU)
      B over A: tps 1x to 1x (median 1x), speedup 1x to 1x (median 1x)
      ",
      }
    `);
  });

  test('1: different', async () => {
    const [a, b] = [await csv(defaultCsv), await csv(changedCsv({ vanilla: { correct: 9 } }))];
    const { code, stdout, stderr } = await diff([a, b]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('differs: 1 of 2 cells\n');
    expect((await diff([a, b, '--flips', '1'])).code).toBe(0);
  });

  test('3: not comparable', async () => {
    const [a, b] = [await csv(defaultCsv), await csv(changedCsv({ vanilla: { model_sha256: digest('9') } }))];
    const { code, stdout } = await diff([a, b]);
    expect(code).toBe(3);
    expect(stdout).toContain('model_sha256 (1 cell): cccccccccccc in A, 999999999999 in B\n');
    expect((await diff([a, await csv(`${defaultCsv.split('\n')[0]}\n`)])).code).toBe(3);
  });

  test('2: what cannot be compared, in one sentence', async () => {
    const good = await csv(defaultCsv);
    await mkdir(join(dir, 'folder'));
    const nan = changedCsv({ vanilla: { tps: 'NaN' as never } });
    const cases: readonly (readonly [readonly string[], string])[] = [
      [
        [good, 'nowhere.csv'],
        'B: nowhere.csv: there is no such file or folder; give a summary CSV or the folder',
      ],
      [['folder', good], 'A: folder holds no run (there is no manifest.json);'],
      [[good, await csv('')], 'the file is empty.'],
      [[good, await csv('<html>')], 'not a CSV table but HTML or XML.'],
      [[good, await csv(nan)], ':2: column "tps" is "NaN", but it must be a finite number or empty.'],
      [
        [good, await csv(defaultCsv.replace(',tps,', ',tps_x,'))],
        'column "tps" is missing; did you mean "tps_x"?',
      ],
      [
        [good, good, '--tolerance', 'tsp=0.1'],
        '--tolerance tsp=0.1: there is no column "tsp". Did you mean "tps"?',
      ],
      [
        [good, good, '--tolerance', 'tps'],
        '--tolerance tps: write column=value, for example tps=0.1 or timing=10%.',
      ],
      [[good, good, '--tolerance', 'verdict=1'], '--tolerance verdict=1: column "verdict" is not compared.'],
      [[good, good, '--flips', '1.5'], '--flips is 1.5, but it must be a whole number of at least 0.'],
      [[good, good, '--json', '--markdown'], '--json and --markdown both go to stdout: give one of them.'],
      [[good, good, '--junit', 'no/such/x.xml'], '--junit no/such/x.xml: cannot be written (ENOENT).'],
      [[good], 'repro diff needs more words than these. (repro diff --help lists its flags.)'],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await diff(args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr).toMatch(/^repro: .*\n$/);
    }
  });
});

describe('what lies beside a CSV file', () => {
  test('is its manifest: x.manifest.json of x.csv', async () => {
    const [a, b] = [await csv(defaultCsv), await csv(changedCsv({ vanilla: { tps: 1, correct: 9 } }))];
    await writeManifest(join(dir, a.replace('.csv', '.manifest.json')), manifestOf());
    await writeManifest(join(dir, b.replace('.csv', '.manifest.json')), otherCpu);
    const { code, stdout } = await diff([a, b]);
    expect(code).toBe(0);
    expect(stdout).toContain('warning: different CPU: AMD EPYC in A, Intel Xeon in B\n');
    await writeFile(join(dir, a.replace('.csv', '.manifest.json')), '{');
    expect((await diff([a, b])).stderr).toContain('.manifest.json: no readable manifest');
  });

  test('A and B may be one file, also by a link', async () => {
    const a = await csv(defaultCsv);
    await symlink(a, join(dir, 'link.csv'));
    const { code, stdout } = await diff([a, 'link.csv']);
    expect(code).toBe(0);
    expect(stdout).toContain('note: A and B are the same file\n');
  });
});

test('a table may come through a pipe', async () => {
  const a = await csv(defaultCsv);
  // A shell's pipe: what Node gives a child as stdin is a socket, which has no path.
  const script = 'cat "$1" | "$2" "$3" diff /dev/stdin "$1"';
  const words = ['-c', script, 'sh', a, process.execPath, join(packageRoot, 'bin', 'repro.js')];
  const { stdout, stderr } = await promisify(execFile)('sh', words, { cwd: dir });
  expect(stderr).toBe('');
  expect(stdout).toContain('same: 2 cells compared\n');
});

describe('two run directories', () => {
  test('pair their samples by id', async () => {
    const changed = [...samplesOf('vanilla'), ...samplesOf('dynamic-dllm', { wrong: [3] })].reverse();
    const { code, stdout } = await diff([await run('a', defaultSamples), await run('b', changed)]);
    expect(code).toBe(1);
    expect(stdout).toContain('differs: 1 of 2 cells, 20 samples paired by id, 1 of them flipped\n');
    expect(stdout).toContain('    gsm8k/3: right -> wrong, answer "4" -> "5"\n');
    expect((await diff(['a', 'a/summary.csv'])).code).toBe(0);
  });

  test('warn of one that is not finished', async () => {
    const b = await run('stopped', defaultSamples.slice(0, -1), { state: 'interrupted', endedAt: null });
    const { code, stdout } = await diff([await run('c', defaultSamples), b]);
    expect(code).toBe(1);
    expect(stdout).toContain('warning: B is a run that was interrupted: compared is what it has\n');
    expect(stdout).toMatch(/ n +10 +9 +-1 +equal\n/);
    expect(stdout).toContain('  of 9 paired samples: 1 only in A\n');
  });
});

describe('a real run', () => {
  beforeAll(async () => {
    const { code, stderr } = await runCli([...smallTable, '--out', 'real'], dir);
    expect(code, stderr).toBe(0);
  });

  test('is the same as its copy, also when that was killed before it wrote its summary', async () => {
    await cp(join(dir, 'real'), join(dir, 'killed'), { recursive: true });
    const manifest = await readManifest(join(dir, 'killed', 'manifest.json'));
    await writeManifest(join(dir, 'killed', 'manifest.json'), {
      ...manifest,
      state: 'running',
      endedAt: null,
    });
    await rm(join(dir, 'killed', 'summary.csv'));
    const { code, stdout } = await diff(['real', 'killed']);
    expect(stdout).toMatchInlineSnapshot(`
      "A  real    run, 6 cells, finished
      B  killed  run, 6 cells, running
      warning: B is a run that is still going on or was killed: compared is what it has
      warning: B has no summary.csv: its rows were made from samples.jsonl
      same: 6 cells compared, 18 samples paired by id
      rule: deterministic columns must be equal (same class of CPU)
      B over A: tps 1x to 1x (median 1x), speedup 1x to 1x (median 1x)
      "
    `);
    expect(code).toBe(0);
  });

  test('is not comparable with one of other settings, which are named', async () => {
    const settings = [
      '--set',
      'methods.dynamic-dllm.cache.layerBudget=4',
      '--set',
      'methods.dynamic-dllm.cache.windowSize=4',
    ];
    const { code, stderr } = await runCli([...smallTable, ...settings, '--out', 'other'], dir);
    expect(code, stderr).toBe(0);
    const { code: verdict, stdout } = await diff(['real', 'other']);
    expect(verdict).toBe(3);
    expect(stdout).toMatch(/not comparable: 4 things that decide answers differ; of 6 cells, /);
    expect(stdout).toMatch(
      / {2}config_sha256 \(2 cells\): \w{12} in A, \w{12} in B, and 1 other pair of values\n/,
    );
    expect(stdout).toContain('  methods.dynamic-dllm.cache.auto (2 cells): true in A, false in B\n');
    expect(stdout).toMatch(/ {2}methods\.dynamic-dllm\.cache\.layerBudget \(2 cells\): \d+ in A, 4 in B\n/);
    expect(stdout).toMatch(/ {2}methods\.dynamic-dllm\.cache\.windowSize \(2 cells\): \d+ in A, 4 in B\n/);
  });

  test('without summary and samples has nothing to compare', async () => {
    await mkdir(join(dir, 'begun'));
    await cp(join(dir, 'real', 'manifest.json'), join(dir, 'begun', 'manifest.json'));
    const { code, stderr } = await diff(['real', 'begun']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^repro: B: begun has no samples yet; go on with it first: repro table1 .* --resume begun\n$/,
    );
  });
});

describe('for machines', () => {
  let pair: string[];
  beforeAll(async () => {
    pair = [await csv(defaultCsv), await csv(changedCsv({ vanilla: { correct: 9 } }))];
  });

  test('--json is one object, and annotations stay out of it', async () => {
    const { code, stdout } = await diff([...pair, '--json'], { GITHUB_ACTIONS: 'true' });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'differs', counts: { paired: 2, differing: 1 } });
  });

  test('GitHub gets annotations behind the text, and the Markdown in its step summary', async () => {
    const summary = join(dir, 'step-summary.md');
    await writeFile(summary, '# before\n');
    const { stdout, stderr } = await diff(pair, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    const markdown = await diff([...pair, '--markdown']);
    expect(await readFile(summary, 'utf8')).toBe(`# before\n${markdown.stdout}`);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '::error title=repro diff%3A differs::gsm8k / vanilla: correct 10 -> 9 (-1, allowed equal)',
    );
    expect(stderr).toBe('');
    const unwritable = await diff(pair, { GITHUB_STEP_SUMMARY: join(dir, 'no', 'such', 'file') });
    expect(unwritable.code).toBe(1);
    expect(unwritable.stderr).toContain('cannot be written (ENOENT).');
  });

  test('--junit writes a test case a cell', async () => {
    expect((await diff([...pair, '--junit', 'report.xml'])).code).toBe(1);
    const text = await readFile(join(dir, 'report.xml'), 'utf8');
    expect(text).toContain('<testsuites name="repro diff" tests="2" failures="1" errors="0" skipped="0">');
  });
});
