import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCertificate, readCertificate, writeCertificate } from '../../src/results/certificate.js';
import { noSoftwareAdapter, softwareAdapter } from '../engine/software-adapter.js';
import { temporaryFolder } from '../oracle/checkpoints.js';
import { repro } from './run.js';

const vectors = fileURLToPath(new URL('../fixtures/conformance/public/', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('repro verify', () => {
  test('writes a certificate of what it found, and prints the counts', async () => {
    const file = join(folder.path, 'deep', 'certificate.json');
    const args = [
      'verify',
      vectors,
      '--methods',
      'logits_full,dynamic-dllm',
      '--limit',
      '2',
      '--certificate',
      file,
    ];
    const { code, stdout, stderr } = await repro(args);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('5 passed, 0 failed, 0 skipped');
    expect(stderr).toContain(`certificate in ${file}`);
    const found = await readCertificate(file);
    expect(found).toMatchObject({
      schema: 1,
      passed: 5,
      failed: 0,
      skipped: 0,
      device: { kind: 'cpu', driver: null },
    });
    expect(found.methods.map(({ method }) => method)).toContain('logits_full');
    expect(found.largestDeviation.logits).toBeGreaterThan(0);
    expect(found.largestDeviation.logits).toBeLessThan(1e-3);
    expect(found.engine).toEqual({ attention: 'fused', weights: 'float32' });
  });

  test('keeps nothing with --no-certificate, and names the deviations in JSON', async () => {
    const cwd = join(folder.path, 'none');
    await mkdir(join(cwd, 'here'), { recursive: true });
    const { stdout } = await repro(
      ['verify', vectors, '--limit', '1', '--methods', 'logits_full', '--no-certificate', '--json'],
      { cwd },
    );
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({ passed: 1, failed: 0, skipped: 0, certificate: null });
    expect(printed.deviation.logits).toBeGreaterThan(0);
    expect(printed.deviation.relative).toBeNull();
    expect(await readdir(cwd)).toEqual(['here']);
  });

  test.each([
    [
      ['--methods', 'dynamic-dlm'],
      /no vector is of the method "dynamic-dlm"\. Did you mean "dynamic-dllm"\?/,
    ],
    [['--limit', '0'], /--limit is 0, but it must be a whole number of at least 1/],
    [
      ['--limit', '1', '--methods', 'vanilla', '--certificate', '/proc/x/y.json'],
      /no certificate: cannot mkdir \/proc\/x/,
    ],
  ])('%j', async (flags, sentence) => {
    const { code, stderr, stdout } = await repro(['verify', vectors, ...flags]);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('    at ');
    // What was found is printed even where it cannot be kept.
    if (code === 0) expect(stdout).toMatch(/\d+ passed, 0 failed, 0 skipped\n$/);
    else expect(code).toBe(2);
  });

  test.skipIf(noSoftwareAdapter)('names the GPU that it ran on', async () => {
    const file = join(folder.path, 'gpu.json');
    const args = ['verify', vectors, '--device', 'webgpu', '--methods', 'logits_full', '--limit', '1'];
    const { code } = await repro([...args, '--certificate', file], { env: softwareAdapter });
    expect(code).toBe(0);
    expect(await readCertificate(file)).toMatchObject({
      device: { kind: 'webgpu', name: expect.stringContaining('swiftshader'), driver: expect.any(String) },
      engine: { attention: 'decomposed', weights: 'float32' },
    });
  });
});

describe('a certificate', () => {
  test('is found for its device, driver and onnxruntime alone, the fullest first', async () => {
    const file = join(folder.path, 'deep', 'certificate.json');
    const original = await readCertificate(file);
    const dir = join(folder.path, 'certificates');
    const gpu = { kind: 'webgpu', name: 'GPU', driver: '1.2' };
    await writeCertificate(join(dir, 'a.json'), { ...original, device: gpu, passed: 3 });
    await writeCertificate(join(dir, 'b.json'), { ...original, device: gpu, passed: 200 });
    await writeFile(join(dir, 'c.json'), '{"schema": 1');
    const device = { device: 'webgpu', name: 'GPU', driver: '1.2' } as const;
    const { onnxruntime } = original.versions;
    expect(await findCertificate(dir, device, onnxruntime)).toMatchObject({ file: 'b.json', passed: 200 });
    expect(await findCertificate(dir, { ...device, driver: '1.3' }, onnxruntime)).toBeNull();
    expect(await findCertificate(dir, device, '0.0.1')).toBeNull();
    expect(await findCertificate(join(dir, 'missing'), device, onnxruntime)).toBeNull();
    await expect(readCertificate(join(dir, 'c.json'))).rejects.toThrow(/c\.json: no readable certificate/);
    expect(JSON.parse(await readFile(join(dir, 'b.json'), 'utf8')).passed).toBe(200);
  });
});
