import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseDevice, cuda } from '../../src/engine/choose-device.js';
import { cudaFiles } from '../../src/engine/cuda-files.js';
import { openEngine } from '../../src/engine/open.js';
import { plainSpec } from '../../src/graph/spec.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { smallSize, temporaryFolder } from '../oracle/checkpoints.js';
import { noDriver, noSoftwareAdapter, softwareAdapter } from './software-adapter.js';

const withoutGpu = { env: { ...process.env, ...noDriver } };
const withSoftware = { env: { ...process.env, ...softwareAdapter } };
const processor = { device: 'cpu', name: cpus()[0]!.model.trim(), driver: null };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

test('cpu is the processor', async () => {
  expect(await chooseDevice('cpu')).toEqual({ ...processor, notice: null });
});

describe.skipIf(process.platform !== 'linux')('without a GPU', () => {
  test('webgpu is a UsageError that offers the processor', async () => {
    await expect(chooseDevice('webgpu', withoutGpu)).rejects.toMatchObject({
      name: 'UsageError',
      code: 'ENGINE_DEVICE',
      message: expect.stringMatching(/^--device webgpu finds no GPU: .*; .*install .*or use --device cpu\.$/),
    });
  });

  test('auto is the processor, and says why', async () => {
    const { notice, ...facts } = await chooseDevice('auto', withoutGpu);
    expect(facts).toEqual(processor);
    expect(notice).toMatch(/^device: cpu, because .*; "repro doctor" says what to install for a GPU$/);
  });
});

describe('with a software adapter', () => {
  test('webgpu takes it, with a warning', async (context) => {
    if (noSoftwareAdapter !== false) context.skip(noSoftwareAdapter);
    expect(await chooseDevice('webgpu', withSoftware)).toEqual({
      device: 'webgpu',
      name: expect.stringMatching(/swiftshader/),
      driver: expect.stringMatching(/SwiftShader/),
      notice: expect.stringMatching(/^device: webgpu on swiftshader.*a program on the processor/),
    });
  });

  test('auto does not', async (context) => {
    if (noSoftwareAdapter !== false) context.skip(noSoftwareAdapter);
    const { notice, ...facts } = await chooseDevice('auto', withSoftware);
    expect(facts).toEqual(processor);
    expect(notice).toMatch(/^device: cpu, because the only GPU, swiftshader.*--device webgpu takes it$/);
  });
});

describe('cuda', () => {
  test('is refused with the install line where the files are missing', () => {
    expect(() => cuda('missing')).toThrow(
      expect.objectContaining({
        code: 'ENGINE_DEVICE',
        message: expect.stringMatching(
          /"ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules\/onnxruntime-node\/script\/install".*webgpu.*experimental/,
        ),
      }),
    );
  });

  test('is refused where there are no such files', () => {
    expect(() => cuda('no such files')).toThrow(/Linux on x64.*--device webgpu/);
  });

  test('is allowed where they are installed, as experimental', () => {
    expect(cuda('installed')).toMatchObject({
      device: 'cuda',
      notice: expect.stringContaining('experimental'),
    });
  });

  test('has its files beside the binding', async (context) => {
    if (process.platform !== 'linux' || process.arch !== 'x64') context.skip('no such files here');
    const files = join(folder.path, 'bin', 'napi-v6', 'linux', 'x64');
    await mkdir(files, { recursive: true });
    await writeFile(join(files, 'onnxruntime_binding.node'), '');
    expect(cudaFiles(folder.path)).toBe('missing');
    await writeFile(join(files, 'libonnxruntime_providers_cuda.so'), '');
    expect(cudaFiles(folder.path)).toBe('installed');
  });

  test('an engine that cannot start on it says so, and does not run elsewhere', async (context) => {
    if (cudaFiles() === 'installed') context.skip('the CUDA files are installed');
    const dir = join(folder.path, 'model');
    await writeRandomCheckpoint(dir, smallSize, { seed: 'cuda' });
    const engine = await openEngine(await openCheckpoint(dir), { device: 'cuda', threads: 1 });
    try {
      expect(engine.device).toBe('cuda');
      await expect(engine.begin({ spec: plainSpec, length: 4 })).rejects.toMatchObject({
        name: 'UsageError',
        code: 'ENGINE_SESSION',
        message: expect.stringMatching(/could not start on CUDA.*--device cpu/),
      });
    } finally {
      await engine.close();
    }
  });
});
