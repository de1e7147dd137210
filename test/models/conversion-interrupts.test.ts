import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { convertCheckpoint } from '../../src/models/precision/convert.js';
import type { QuantisedPrecision } from '../../src/models/precision/stored.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { packageRoot } from '../../src/paths.js';

const size = { dModel: 64, layers: 2, heads: 4, ffnDim: 96, vocabSize: 160, maxSequenceLength: 64 };
const source = { id: 'small', name: 'Small', settings: 'llada', titleNote: null } as const;

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-conversion-'));
  model = join(folder, 'model');
  await writeRandomCheckpoint(model, size, { seed: 'c', dtype: 'BF16' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const built = pathToFileURL(join(packageRoot, 'dist', 'models', 'precision', 'convert.js')).href;

/**
 * Converts in a process of its own, which kills itself once so much is written.
 * @param share Of all bytes; above 1: it lives.
 * @returns its exit code or the signal that ended it
 */
async function convertIn(cacheDir: string, precision: QuantisedPrecision, share: number): Promise<unknown> {
  const script = `
    import { convertCheckpoint } from ${JSON.stringify(built)};
    const options = ${JSON.stringify({ precision, source, cacheDir })};
    const onBytes = (done, total) => { if (done >= ${share} * total) process.kill(process.pid, 'SIGKILL'); };
    await convertCheckpoint(${JSON.stringify(model)}, { ...options, onBytes });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}

async function digests(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).sort();
  const sums = names.map(async (name) => {
    return [
      name,
      createHash('sha256')
        .update(await readFile(join(dir, name)))
        .digest('hex'),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(sums));
}

describe.each(['int8', 'int4'] as const)('a conversion to %s', (precision) => {
  test('that is killed again and again ends in the same files, also with two at once', async () => {
    const whole = await convertCheckpoint(model, {
      precision,
      source,
      cacheDir: join(folder, `whole-${precision}`),
    });
    const expected = await digests(whole);
    expect(Object.keys(expected)).toContain('repro.json');
    const cacheDir = join(folder, `killed-${precision}`);
    for (const share of [0, 0.4, 1]) {
      expect(await convertIn(cacheDir, precision, share)).toBe('SIGKILL');
      // Of the process before nothing is left, of this one a folder that does not count.
      expect(await readdir(cacheDir)).toEqual([expect.stringMatching(/\.partial$/)]);
    }
    expect(await Promise.all([1, 2].map(() => convertIn(cacheDir, precision, 2)))).toEqual([0, 0]);
    const names = await readdir(cacheDir);
    expect(names).toHaveLength(1);
    expect(await digests(join(cacheDir, names[0]!))).toEqual(expected);
  });
});
