import { describe, expect, test } from 'vitest';
import type { BenchReport } from '../../src/experiments/bench/bench-report.js';
import { noSoftwareAdapter, softwareAdapter } from '../engine/software-adapter.js';
import { repro } from './run.js';

const short = ['bench', '--passes', '3', '--repeats', '1', '--gen-length', '32', '--block-length', '32'];

describe('repro bench', () => {
  test('prints times, rates and shares of every method as JSON', async () => {
    const args = [...short, '--steps', '32', '--methods', 'vanilla,fast-dllm', '--json'];
    const { stdout, code } = await repro(args);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as BenchReport;
    expect(report.device.device).toBe('cpu');
    expect(report.launchCosts).toBeNull();
    expect(report.ceilings.productFlopsPerSecond).toBeGreaterThan(1e8);
    expect(report.ceilings.bandwidthBytesPerSecond).toBeGreaterThan(1e8);
    const kinds = report.methods.map(({ method, passes }) => [
      method,
      passes.map(({ kind, passes: n, rowsPerLayer }) => [kind, n, rowsPerLayer]),
    ]);
    expect(kinds).toEqual([
      ['vanilla', [['full', 3, 96]]],
      [
        'fast-dllm',
        [
          ['full', 3, 96],
          ['partial', 3, 32],
        ],
      ],
    ]);
    for (const pass of report.methods.flatMap(({ passes }) => passes)) {
      expect(pass.medianMs).toBeGreaterThan(pass.outsideMs);
      expect(pass.lowerQuartileMs).toBeLessThanOrEqual(pass.medianMs);
      expect(pass.upperQuartileMs).toBeGreaterThanOrEqual(pass.medianMs);
      expect(pass.flopsPerSecond).toBeGreaterThan(0);
      expect(pass.shares.dispatch).toBeNull();
    }
  });

  test('prints tables and what limits each kind of pass, for a shape by name and no empty method', async () => {
    const shape = ['--shape', 'half', '--prompt-length', '16'];
    const { stdout, code } = await repro([
      ...short,
      ...shape,
      '--methods',
      'vanilla,',
      '--savings',
      'none',
      '--threads',
      '1',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^reference on .*\(cpu, /);
    expect(stdout).toContain('prompt 16, response 32 in blocks of 32; 1 thread; savings none\n');
    expect(stdout).toMatch(
      /│ method +│ pass │ linears +│ attention +│ selection +│ head +│ state +│ other +│ host +│/,
    );
    expect(stdout).toMatch(/│ vanilla │ 32 {2}│/);
    expect(stdout).toContain('ceilings, measured now: ');
    expect(stdout).toMatch(/\nvanilla, full pass: .* \(\d+ %\)\n$/);
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  });

  test.each([
    [['--methods', 'vanila'], /^repro: there is no method "vanila"\. Did you mean "vanilla"\?\n$/],
    [
      ['--prompt-length', '9000'],
      /^repro: a prompt of 9000 and a response of 32 tokens make 9032, more than the 512 that/,
    ],
    [['--methods', ','], /^repro: --methods names no method; repro explain lists them\.\n$/],
    [
      ['--shape', 'gsm8'],
      /^repro: --shape: there is no shape "gsm8"; type short, half, gsm8k\. Did you mean "gsm8k"\?\n$/,
    ],
    [['--savings', 'heads'], /^repro: --savings: there is no saving "heads"; type all, none, or a list of /],
    [['--threads', '0'], /^repro: --threads is 0, but it must be a whole number of at least 1\.\n$/],
  ])('refuses %j', async (args, message) => {
    const { stdout, stderr, code } = await repro([...short, ...args]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(message);
  });

  test('counts kernels and launches on a GPU', async (context) => {
    if (noSoftwareAdapter !== false) context.skip(noSoftwareAdapter);
    const args = [...short, '--methods', 'vanilla', '--device', 'webgpu', '--json'];
    const { stdout, code } = await repro(args, { env: softwareAdapter });
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as BenchReport;
    expect(report.device.device).toBe('webgpu');
    expect(report.launchCosts!.synchronisationMs).toBeGreaterThan(0);
    const [vanilla] = report.methods;
    // Six layers of at least the seven linears, and the head.
    expect(vanilla!.gpu!.kernels).toBeGreaterThan(43);
    expect(vanilla!.passes[0]!.shares.dispatch).toBeGreaterThan(0);
  });
});
