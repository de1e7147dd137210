import { access, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ownPartial } from '../../src/formats/partials.js';
import { readManifest } from '../../src/results/manifest.js';
import { answerTable, deterministicColumns, runCli, signalAtLines, timelessRows } from './cli-runs.js';

let folder: string;
let whole: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-runs-'));
  whole = join(folder, 'whole');
  const run = await runCli([...answerTable, '--out', whole], folder);
  expect(run.stderr).not.toContain('failed');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain('reference model');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a run that is killed and resumed', () => {
  it.each([1, 7, 16])('has the rows of an uninterrupted one (killed after %i samples)', async (lines) => {
    const out = join(folder, `killed-${lines}`);
    const killed = await runCli([...answerTable, '--out', out], folder, (child) =>
      signalAtLines(child, async () => out, lines, 'SIGKILL'),
    );
    expect(killed.signal).toBe('SIGKILL');
    expect((await readManifest(join(out, 'manifest.json'))).state).toBe('running');

    const resumed = await runCli([...answerTable, '--out', out, '--resume'], folder);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/resuming: \d+ of 18 samples are done/);
    expect(await timelessRows(out)).toEqual(await timelessRows(whole));
    expect(await deterministicColumns(out)).toEqual(await deterministicColumns(whole));
    const { state, resumed: times } = await readManifest(join(out, 'manifest.json'));
    expect({ state, times }).toEqual({ state: 'finished', times: 1 });
  });

  it('keeps what is done on Ctrl-C, exits with 130 and is found by a bare --resume', async () => {
    const cwd = join(folder, 'interrupted');
    await mkdir(cwd);
    const runs = join(cwd, 'results', 'runs');
    const onlyRun = async () => join(runs, (await readdir(runs))[0]!);
    const stopped = await runCli(answerTable, cwd, (child) => signalAtLines(child, onlyRun, 4, 'SIGINT'));
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr).toContain('--resume');
    const resumed = await runCli([...answerTable, '--resume'], cwd);
    expect(resumed.code, resumed.stderr).toBe(0);
    const [dir] = /[^ ]*results\/runs\/[^ ]+/.exec(resumed.stderr.trimEnd().split('\n').at(-1)!)!;
    expect(await timelessRows(dir)).toEqual(await timelessRows(whole));
  });

  it('repairs a torn last line', async () => {
    const out = join(folder, 'torn');
    await mkdir(out);
    const text = await readFile(join(whole, 'samples.jsonl'), 'utf8');
    await writeFile(join(out, 'samples.jsonl'), text.slice(0, -40));
    await writeFile(join(out, 'manifest.json'), await readFile(join(whole, 'manifest.json')));
    const resumed = await runCli([...answerTable, '--out', out, '--resume'], folder);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain('torn last line');
    expect(await timelessRows(out)).toEqual(await timelessRows(whole));
  });
});

test('a model that cannot be opened leaves no folder behind', async () => {
  const out = join(folder, 'no-model');
  const run = await runCli([...answerTable, '--model', folder, '--out', out], folder);
  expect(run.code, run.stderr).toBe(2);
  expect(run.stderr).toContain('there is no config.json');
  await expect(access(out)).rejects.toThrow();
});

test('a run that was killed before its manifest was whole can be resumed', async () => {
  const out = join(folder, 'begun');
  await mkdir(out);
  await writeFile(ownPartial(join(out, 'manifest.json')), '{"schema"');
  const run = await runCli([...answerTable, '--out', out, '--resume'], folder);
  expect(run.code, run.stderr).toBe(0);
  expect((await readManifest(join(out, 'manifest.json'))).state).toBe('finished');
});

describe('the device of a run', () => {
  it('is in its manifest', async () => {
    const { device, environment } = await readManifest(join(whole, 'manifest.json'));
    expect(device).toEqual({ kind: 'cpu', name: environment.cpu, driver: null, threads: 1 });
  });

  it.each([
    ['as before GPUs', { name: 'cpu' }, 0, 'samples and summary are in'],
    ['cpu', { kind: 'cpu', name: 'another processor' }, 0, 'samples and summary are in'],
    ['a GPU', { kind: 'webgpu', name: 'h100' }, 2, 'the device (webgpu on h100 then, cpu now) changed since'],
  ])('decides whether it is resumed on the CPU: %s', async (_, device, code, sentence) => {
    const out = join(folder, `on-${device.name}`);
    await cp(whole, out, { recursive: true });
    const manifest = await readManifest(join(whole, 'manifest.json'));
    const changed = { ...manifest, state: 'interrupted', device: { ...device, driver: null, threads: 1 } };
    await writeFile(join(out, 'manifest.json'), JSON.stringify(changed));
    const resumed = await runCli([...answerTable, '--out', out, '--resume'], folder);
    expect(resumed.stderr).toContain(sentence);
    expect(resumed.code, resumed.stderr).toBe(code);
  });
});

describe('a run folder that cannot be used', () => {
  it.each([
    ['an existing folder', ['--out', 'whole'], 'exists already; add --resume'],
    ['a resumed folder without a run', ['--resume', '.'], 'holds no run'],
    ['another configuration', ['--out', 'whole', '--resume', '--set', 'seed=7'], 'another configuration'],
    ['nothing to resume', ['--resume'], 'no unfinished run of this configuration'],
    ['a folder below a file', ['--out', 'whole/manifest.json/x'], 'cannot create'],
  ])('%s is one sentence and exit 2', async (_, flags, sentence) => {
    const run = await runCli([...answerTable, ...flags], folder);
    expect(run.code, run.stderr).toBe(2);
    expect(run.stderr).toContain(sentence);
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(run.stdout).toBe('');
  });
});
