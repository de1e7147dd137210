import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { noDriver, noSoftwareAdapter, softwareAdapter } from '../engine/software-adapter.js';
import { repro } from './run.js';

const generate = ['generate', '--prompt-ids', '2,17,31', '--gen-length', '8', '--block-length', '8'];
const commands: readonly (readonly string[])[] = [
  generate,
  ['verify', join(packageRoot, 'test', 'fixtures', 'conformance', 'public')],
  ['table1', '--quick'],
];

describe.each(commands)('repro %s', (...args) => {
  test('refuses a device that there is not', async () => {
    const { stdout, stderr, code } = await repro([...args, '--device', 'tpu']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(/^repro: --device is "tpu", but it must be one of auto, cpu, webgpu, cuda\./);
  });

  test.skipIf(process.platform !== 'linux')('ends where webgpu has no GPU', async () => {
    const { stdout, stderr, code } = await repro([...args, '--device', 'webgpu'], { env: noDriver });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(/^repro: --device webgpu finds no GPU: .*or use --device cpu\.\n$/);
  });
});

describe('repro generate --device auto', () => {
  test.skipIf(process.platform !== 'linux')('runs on the processor without a GPU, and says so', async () => {
    const { stdout, stderr, code } = await repro([...generate, '--device', 'auto', '--json'], {
      env: noDriver,
    });
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { ids: number[] }).ids).toHaveLength(8);
    expect(stderr).toMatch(/^repro: device: cpu, because .*\n$/);
  });

  test('runs on the processor where the GPU is software', async (context) => {
    if (noSoftwareAdapter !== false) context.skip(noSoftwareAdapter);
    const { stderr, code } = await repro([...generate, '--device', 'auto', '--json'], {
      env: softwareAdapter,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^repro: device: cpu, because the only GPU, swiftshader.*\n$/);
  });
});
