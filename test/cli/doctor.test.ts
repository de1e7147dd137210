import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCheck } from '../../src/cli/doctor-checks.js';
import type { Adapter } from '../../src/engine/device.js';
import { noDriver, noSoftwareAdapter, softwareAdapter } from '../engine/software-adapter.js';
import { repro } from './run.js';

test('every part of this installation works', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'repro-doctor-'));
  const { stdout, stderr, code } = await repro(['doctor', '--json'], { cwd });
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; status: string; detail: string }[];
  };
  expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(findings.map(({ check }) => check)).toEqual([
    'node',
    'program',
    'machine',
    'onnxruntime',
    'model',
    'engine',
    'gpu',
    'cuda',
    'tokenizer',
    'tasks',
    'sandbox',
    'results',
  ]);
  const detail = (name: string) => findings.find(({ check }) => check === name)?.detail;
  expect(detail('onnxruntime')).toContain('cpu');
  expect(detail('model')).toMatch(/sha256 [0-9a-f]{16}$/);
  expect(detail('tasks')).toContain('gsm8k.mini');
  expect(detail('results')).toContain(join(cwd, 'results', 'runs'));
});

interface GpuFinding {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
  readonly advice?: string;
  readonly adapters?: readonly Adapter[];
}

async function gpuFinding(env: Readonly<Record<string, string>>): Promise<GpuFinding> {
  const { stdout, code } = await repro(['doctor', '--json'], { env });
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout) as { findings: readonly GpuFinding[] };
  return findings.find(({ check }) => check === 'gpu')!;
}

describe('the GPU', () => {
  test('is described, and onnxruntime tried on it', async (context) => {
    if (noSoftwareAdapter !== false) context.skip(noSoftwareAdapter);
    const { status, detail, adapters } = await gpuFinding(softwareAdapter);
    expect(status).toBe('ok');
    expect(detail).toMatch(
      /^swiftshader\S*, SwiftShader driver \S+, software .*: buffers to \d\S* GiB \(bound: \d\S* GiB\), no f16, .*subgroups/,
    );
    expect(detail).toMatch(/\nonnxruntime computes rightly on it/);
    expect(adapters).toHaveLength(1);
    expect(adapters?.[0]?.limits.bufferBytes).toBeGreaterThan(0);
  });

  test.skipIf(process.platform !== 'linux')('may be missing: a warning with the reason', async () => {
    const { status, detail, advice } = await gpuFinding(noDriver);
    expect({ status, detail }).toEqual({
      status: 'warn',
      detail: expect.stringMatching(/Vulkan loader|no driver/),
    });
    expect(advice).toMatch(/install .*or use --device cpu$/);
  });
});

test('a check that throws fails with the first line of the error and with advice', async () => {
  const finding = await runCheck({
    name: 'x',
    advice: 'mend it',
    run: () => Promise.reject(new Error('broken\nat somewhere')),
  });
  expect(finding).toEqual({ status: 'fail', detail: 'broken', advice: 'mend it' });
});
