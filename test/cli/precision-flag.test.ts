import { describe, expect, test } from 'vitest';
import { resolveGenerationConfig } from '../../src/config/generation-config.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import type { Adapter } from '../../src/engine/device.js';
import { refuseNoHalf } from '../../src/engine/open.js';
import { planSha256 } from '../../src/experiments/manifest.js';
import { noSoftwareAdapter, softwareAdapter } from '../engine/software-adapter.js';
import { repro } from './run.js';

const generate = ['generate', '--prompt-ids', '3,4', '--gen-length', '32', '--precision', 'fp16'];
const onProcessor =
  'repro: --precision fp16 is for WebGPU: the processor widens it to fp32, which gains nothing; use --device webgpu on a ' +
  'GPU, or --precision int8 or int4 on the processor for less memory.\n';

describe('--precision fp16', () => {
  test.each([
    [generate, onProcessor],
    [['table1', '--limit', '1', '--precision', 'fp16'], onProcessor],
    [['estimate', 'table1', '--precision', 'fp16'], onProcessor],
    [
      ['drift', '--precision', 'fp16'],
      'repro: repro drift runs on the processor, which widens fp16 to fp32; add --precision int8 or int4.\n',
    ],
  ])('%j is refused on the processor, with what to type', async (args, stderr) => {
    expect(await repro(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  test.skipIf(noSoftwareAdapter !== false)('is refused on a GPU without shader-f16', async () => {
    const { code, stdout, stderr } = await repro([...generate, '--device', 'webgpu'], {
      env: softwareAdapter,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /repro: the shaders of .* do not compute in half precision \(shader-f16\); leave --precision fp16 out for fp32\.\n$/,
    );
  });

  test('is let through on a GPU with it', () => {
    const adapter = { name: 'A GPU', f16: true } as Adapter;
    expect(() => refuseNoHalf('webgpu', adapter)).not.toThrow();
    expect(() => refuseNoHalf('webgpu', { ...adapter, f16: false })).toThrow(/the shaders of A GPU do not/);
    expect(() => refuseNoHalf('cuda', undefined)).toThrow(/cuda does not compute in half precision/);
  });

  test('makes another model of it, in its name and in the hash of an experiment', () => {
    const half = planExperiment('table1', { half: true });
    expect(half.points[0].experiment.model).toMatchObject({
      ...{ id: 'reference-fp16', name: 'Reference model fp16', half: true },
    });
    expect(planSha256(half)).not.toBe(planSha256(planExperiment('table1')));
    const { model } = resolveGenerationConfig({
      ...{ model: 'reference-dream', half: true, method: 'vanilla', overrides: [] },
    });
    expect(model).toMatchObject({ id: 'reference-dream-fp16', half: true });
  });
});
