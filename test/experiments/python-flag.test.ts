import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../src/results/manifest.js';
import { bubblewrapBackend, NATIVE_LIMITS, systemBackend } from '../../src/sandbox/native.js';
import { openPythonBackend } from '../../src/sandbox/open.js';
import { DEFAULT_LIMITS } from '../../src/sandbox/run.js';
import { repro } from '../cli/run.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-python-flag-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const reason = (open: () => Promise<unknown>) =>
  open().then(
    () => '',
    (error: Error) => error.message,
  );
const missing = { bubblewrap: await reason(bubblewrapBackend), system: await reason(systemBackend) };

const command = (benchmark: string, out: string, ...more: string[]) =>
  repro(
    [
      ...['table1', '--benchmarks', benchmark, '--methods', 'dynamic-dllm', '--limit', '1', '--no-timing'],
      ...['--set', 'generation.genLength=32', '--set', 'generation.steps=32', '--out', join(folder, out)],
      ...more,
    ],
    { cwd: folder },
  );
const pythonOf = async (out: string) => (await readManifest(join(folder, out, 'manifest.json'))).python;

describe('the manifest says what ran programs', () => {
  test('the sandbox and its limits by default', async () => {
    const { code, stderr } = await command('humaneval', 'default');
    expect(code).toBe(0);
    expect(stderr).not.toContain('warning');
    expect(await pythonOf('default')).toEqual({
      backend: 'sandbox',
      interpreter: expect.stringMatching(/^CPython 3\.\d+\.\d+ in pyodide /),
      ...DEFAULT_LIMITS,
    });
  });

  test('nothing where there are no programs', async () => {
    expect((await command('math', 'none')).code).toBe(0);
    expect(await pythonOf('none')).toBeNull();
  });

  test.skipIf(missing.system !== '')(`the bare system, with a warning ${missing.system}`, async () => {
    const { code, stderr } = await command('humaneval', 'system', '--python', 'system');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^repro: warning: --python system runs model-written programs with your rights/m);
    expect(await pythonOf('system')).toMatchObject({ backend: 'system', ...NATIVE_LIMITS });
    const resumed = await command('humaneval', 'system', '--resume', join(folder, 'system'));
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toContain('the Python that runs programs changed');
  });

  test.skipIf(missing.bubblewrap !== '')(`bubblewrap ${missing.bubblewrap}`, async () => {
    const { code, stderr } = await command('humaneval', 'bubblewrap', '--python', 'bubblewrap');
    expect(code).toBe(0);
    expect(stderr).not.toContain('warning');
    expect(await pythonOf('bubblewrap')).toMatchObject({ backend: 'bubblewrap', ...NATIVE_LIMITS });
  });
});

test('another word is refused', async () => {
  const { code, stderr } = await command('humaneval', 'other', '--python', 'docker');
  expect(code).toBe(2);
  expect(stderr).toMatch(/sandbox.*bubblewrap.*system/s);
});

test('a backend that is not here is named with what to type instead', async () => {
  const gone = (['bubblewrap', 'system'] as const).filter((choice) => missing[choice] !== '');
  for (const choice of gone) {
    await expect(openPythonBackend(choice)).rejects.toMatchObject({
      code: 'PYTHON_BACKEND',
      message: `--python ${choice}: ${missing[choice]}; use --python sandbox.`,
    });
  }
  expect(await openPythonBackend('sandbox')).toHaveProperty('limits', DEFAULT_LIMITS);
});
