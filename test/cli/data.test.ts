import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { FakeHub } from '../hub/fake-hub.js';
import { folderWith, jsonl } from '../tasks/data-dir.js';
import { repro } from './run.js';

const commit = 'c'.repeat(40);
const parquet = readFileSync(join(packageRoot, 'test', 'fixtures', 'parquet', 'zstd.parquet'));
const rows = jsonl([{ question: 'q', answer: '#### 1' }]);

async function hubWith(id: string, files: Readonly<Record<string, Buffer>>): Promise<FakeHub> {
  const hub = await FakeHub.start();
  onTestFinished(() => hub.stop());
  hub.id = id;
  hub.branches.set('main', commit);
  for (const [path, content] of Object.entries(files)) hub.files.set(path, { content, lfs: true });
  return hub;
}

const mmlu = () =>
  hubWith('cais/mmlu', {
    'all/dev-00000-of-00001.parquet': parquet,
    'all/test-00000-of-00001.parquet': parquet,
    'auxiliary_train/train-00000-of-00001.parquet': Buffer.from('not asked for'),
  });

describe('repro data pull', () => {
  test('fetches what is read into the cache that Python shares; tasks then find it without a flag', async () => {
    const hub = await mmlu();
    const home = folderWith({});
    const env = { HF_HOME: home, HF_ENDPOINT: hub.endpoint };
    const pulled = await repro(['data', 'pull', 'mmlu'], { env });
    expect(pulled.stderr).toBe('');
    expect(pulled.stdout).toMatch(
      new RegExp(
        `^mmlu: cais/mmlu at ${commit}, 2 files in .*\\n  dev +5 of 285 rows in 1 file .*\\n  test +5 of 14042 rows`,
      ),
    );
    const repository = join(home, 'hub', 'datasets--cais--mmlu');
    expect(readFileSync(join(repository, 'refs', 'main'), 'utf8')).toBe(commit);
    const folder = join(repository, 'snapshots', commit);
    expect(readdirSync(folder)).toEqual(['all']);
    expect(readlinkSync(join(folder, 'all', 'dev-00000-of-00001.parquet'))).toMatch(
      /^\.\.\/.*blobs\/[0-9a-f]{64}$/,
    );

    const offline = { HF_HOME: home, HF_HUB_OFFLINE: '1' };
    const shown = await repro(['tasks', 'show', 'mmlu', '--json', '--shots', '0'], { env: offline });
    expect(JSON.parse(shown.stdout)).toMatchObject({ data: { file: `cais/mmlu test at ${commit}` }, of: 5 });
    const again = await repro(['data', 'pull', 'mmlu'], { env: offline });
    expect(again).toMatchObject({ code: 0, stdout: pulled.stdout });
  });

  test('Ctrl-C stops a pull, keeps what has arrived, and the next one goes on', async () => {
    const hub = await mmlu();
    const path = 'all/dev-00000-of-00001.parquet';
    let go = () => {};
    const released = new Promise<void>((resolve) => {
      go = resolve;
    });
    hub.fileFaults.set(path, [{ hold: { bytes: 1000, go: released } }]);
    const env = { HF_HOME: folderWith({}), HF_ENDPOINT: hub.endpoint };
    const stopped = await repro(['data', 'pull', 'mmlu'], {
      env,
      onStart: (child) => {
        const timer = setInterval(() => {
          if ((hub.requestsFor(path)[0]?.sent ?? 0) < 1000) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 20);
      },
    });
    go();
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/repro: interrupted\.\n$/);
    const again = await repro(['data', 'pull', 'mmlu'], { env });
    expect(again.stdout).toMatch(/2 files in/);
    expect(again.code).toBe(0);
  });

  test('a gated set names its page and the variable', async () => {
    const hub = await hubWith('Idavidrein/gpqa', { 'gpqa_main.csv': Buffer.from('x') });
    hub.gatedBy = 'hf_secret';
    const env = { HF_HOME: folderWith({}), HF_ENDPOINT: hub.endpoint };
    const { stderr, code } = await repro(['data', 'pull', 'gpqa'], { env });
    expect(stderr).toContain(`${hub.endpoint}/datasets/Idavidrein/gpqa`);
    expect(stderr).toContain('HF_TOKEN');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  test('a damaged file is told and is no data', async () => {
    const hub = await hubWith('openai/gsm8k', { 'main/test-0.parquet': parquet.subarray(0, 700) });
    const env = { HF_HOME: folderWith({}), HF_ENDPOINT: hub.endpoint };
    const { stdout, code } = await repro(['data', 'pull', 'gsm8k'], { env });
    expect(stdout).toMatch(/ {2}test +The data file .* is cut off/);
    expect(code).toBe(1);
  });
});

describe('repro data check and list', () => {
  test('exit code 1 for a slice, a broken file, a set that is not there', async () => {
    const part = await repro(['data', 'check', 'gsm8k', '--data', folderWith({ 'gsm8k/test.jsonl': rows })]);
    expect(part.stdout).toMatch(
      /^- +gsm8k +train +7473 rows, not here\npart +gsm8k +test +1 of 1319 rows in 1 file/,
    );
    expect(part.code).toBe(1);
    const broken = folderWith({ 'gsm8k/test.jsonl': '{}' });
    expect(await repro(['data', 'check', '--data', broken])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/broken gsm8k +test +Row 1 of .*field "question" is missing/),
    });
    expect((await repro(['data', 'check', 'arc', '--data', broken])).code).toBe(1);
    const stub = { prompt: 'p', canonical_solution: 'c', test: 'def check(f): pass', entry_point: 'f' };
    const whole = Array.from({ length: 164 }, (_, n) => ({ task_id: `T/${n}`, ...stub }));
    const sound = folderWith({ 'humaneval/HumanEval.jsonl': jsonl(whole) });
    expect((await repro(['data', 'check', 'humaneval', '--data', sound])).code).toBe(0);
  });

  test('list says where data sets are and what is gated', async () => {
    const { stdout, code } = await repro([
      'data',
      'list',
      '--data',
      folderWith({ 'gsm8k/test.jsonl': rows }),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/gated +accept its terms at .*Idavidrein\/gpqa/);
    expect(stdout).toMatch(/test +1319 rows +\/.*gsm8k$/m);
  });

  test.for([
    [['check', 'gsm8'], /^repro: There is no data set "gsm8"; .*Did you mean "gsm8k"\?\n$/],
    [['pull', 'gsm8k', '--data', '.'], /^repro: repro data pull fills the shared cache: leave --data out/],
    [['push'], /^repro: .*must be one of list, pull, check/],
  ] as const)('%s is one sentence', async ([args, expected]) => {
    const { stderr, code } = await repro(['data', ...args]);
    expect(stderr).toMatch(expected);
    expect(code).toBe(2);
  });
});
