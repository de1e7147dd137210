import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicClock } from '../../src/measure/clock.js';
import { captureEnvironment } from '../../src/measure/environment.js';
import { flops } from '../../src/measure/flops.js';
import { countTokens } from '../../src/measure/tokens.js';
import { packageRoot } from '../../src/paths.js';

describe('token counts', () => {
  const eos = 0;

  test('one answer, four numbers', () => {
    const retokeniser = {
      decode: (ids: readonly number[]) =>
        ids.map((id) => (id === eos ? '.' : String.fromCharCode(96 + id))).join(''),
      // Two letters a token, so that the count changes.
      encode: (text: string) =>
        (text.match(/\.|[a-z]{1,2}/g) ?? []).map((t) => (t === '.' ? eos : t.charCodeAt(0))),
      stopStrings: ['f', 'zz'],
    };
    expect(countTokens([1, 2, 3, 4, eos, 5, 6, eos], eos, retokeniser)).toEqual({
      canvas: 8,
      toEos: 4,
      nonEos: 6,
      // "abcd.e" before the stop string: ab cd . e
      retokenised: 3,
    });
  });

  test('an empty answer counts nothing before EOS; one without EOS counts whole', () => {
    expect(countTokens([eos, eos], eos)).toEqual({ canvas: 2, toEos: 0, nonEos: 0, retokenised: null });
    expect(countTokens([7, 7], eos)).toEqual({ canvas: 2, toEos: 2, nonEos: 2, retokenised: null });
  });
});

describe('FLOPs', () => {
  const tiny = { dModel: 4, heads: 2, kvHeads: 1, headDim: 2, ffnDim: 8, vocabSize: 10 };

  test('term by term', () => {
    const none = { length: 0, layerRows: 0, valueOnlyRows: 0, headRows: 0 };
    // q and o: 2 x 4x4, k and v: 2 x 4x2, FFN: 3 x 4x8; two operations each.
    expect(flops(tiny, { ...none, layerRows: 1 })).toBe(2 * (32 + 16 + 96));
    // Scores and mixing over 7 keys of width 4.
    expect(flops(tiny, { ...none, layerRows: 1, length: 7 }) - flops(tiny, { ...none, layerRows: 1 })).toBe(
      2 * 2 * 7 * 4,
    );
    expect(flops(tiny, { ...none, valueOnlyRows: 3 })).toBe(3 * 2 * 4 * 2);
    expect(flops(tiny, { ...none, headRows: 5 })).toBe(5 * 2 * 4 * 10);
    const second = { layerRows: 0, valueOnlyRows: 0, headRows: 3 };
    expect(flops(tiny, { ...none, headRows: 5, unconditional: second })).toBe((5 + 3) * 2 * 4 * 10);
  });

  test('the model measured on the engine page: 28.5 GFLOP of linears and 4.3 of attention a full step', () => {
    const m = { dModel: 512, heads: 8, kvHeads: 8, headDim: 64, ffnDim: 1408, vocabSize: 4096 };
    const rows = { length: 512, layerRows: 8 * 512, valueOnlyRows: 0, headRows: 512 };
    const linears = flops(m, { ...rows, length: 0 });
    expect(linears / 1e9).toBeCloseTo(28.5, 1);
    expect((flops(m, rows) - linears) / 1e9).toBeCloseTo(4.3, 1);
  });
});

describe('environment', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'repro-environment-'));
    writeFileSync(join(dir, 'package.json'), '{"version":"1.2.3"}');
  });
  afterAll(() => rm(dir, { recursive: true }));
  const git = (...args: string[]): string =>
    execFileSync('git', [
      '-C',
      dir,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.com',
      ...args,
    ]).toString();

  test('outside a repository there is no commit and no lockfile', async () => {
    const environment = await captureEnvironment(dir);
    expect(environment).toMatchObject({ repro: '1.2.3', git: null, lockfileSha256: null });
    expect(environment.node).toBe(process.versions.node);
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
      version: string;
    };
    expect(environment.onnxruntime).toBe(version);
    expect(environment.cores).toBeGreaterThan(0);
    expect(environment.memoryBytes).toBeGreaterThan(2 ** 28);
  });

  test('in a repository: the commit, and whether files differ from it', async () => {
    writeFileSync(join(dir, 'package-lock.json'), '{}');
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    const clean = await captureEnvironment(dir);
    expect(clean.git).toEqual({ commit: git('rev-parse', 'HEAD').trim(), dirty: false });
    expect(clean.lockfileSha256).toBe(createHash('sha256').update('{}').digest('hex'));
    writeFileSync(join(dir, 'package-lock.json'), '{ }');
    expect((await captureEnvironment(dir)).git?.dirty).toBe(true);
  });

  test("in a folder of somebody else's repository there is no commit of ours", async () => {
    const inner = join(dir, 'node_modules', 'repro');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, 'package.json'), '{"version":"0.0.1"}');
    expect(await captureEnvironment(inner)).toMatchObject({ repro: '0.0.1', git: null });
  });

  test('this package names its own lockfile', async () => {
    const digest = createHash('sha256')
      .update(readFileSync(join(packageRoot, 'package-lock.json')))
      .digest('hex');
    expect((await captureEnvironment(packageRoot)).lockfileSha256).toBe(digest);
  });
});

test('the clock does not go back', () => {
  let last = monotonicClock();
  for (let i = 0; i < 1000; i++) {
    const now = monotonicClock();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});
