import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pyodideBackend, runPython } from '../../src/sandbox/run.js';
import { cacheFolder, SnapshotCache } from '../../src/sandbox/snapshot.js';
import { testLimits } from './helpers.js';

it('builds one file, uses it, and starts cold when it is broken', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'repro-snapshot-')), 'deep', 'cache');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pyodide-0.1.0-old.snapshot'), 'of another version');
  const path = await new SnapshotCache(folder).path();
  expect(readdirSync(folder).map((file) => join(folder, file))).toEqual([path]);
  expect(await runPython('x = 1', testLimits, { snapshots: new SnapshotCache(folder) })).toMatchObject({
    kind: 'passed',
  });

  writeFileSync(path!, Buffer.alloc(4 * 2 ** 20, 1));
  const broken = new SnapshotCache(folder);
  expect(await runPython('assert 1 + 1 == 3', testLimits, { snapshots: broken })).toMatchObject({
    kind: 'failed',
    detail: 'AssertionError',
  });
  expect(existsSync(path!)).toBe(false);
  expect(await broken.path()).toBeNull();
});

it('does without a folder that cannot be made', async () => {
  const snapshots = new SnapshotCache('/dev/null/cache');
  expect(await snapshots.path()).toBeNull();
  expect(await runPython('x = 1', testLimits, { snapshots })).toMatchObject({ kind: 'passed' });
});

it('describes itself', async () => {
  const { interpreter, ...rest } = await pyodideBackend().describe(testLimits);
  expect(interpreter).toMatch(/^CPython 3\.\d+\.\d+ in pyodide \d+\.\d+\.\d+$/);
  expect(rest).toEqual({ backend: 'sandbox', ...testLimits });
});

it('keeps the cache where caches belong', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toBe('/c/repro');
  expect(cacheFolder({ HOME: '/h' })).toBe('/h/.cache/repro');
});
