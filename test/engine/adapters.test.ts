import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { listAdapters, type NoAdapter } from '../../src/engine/adapters.js';
import { complaints } from '../../src/engine/ask-child.js';
import { nvidiaGpu } from '../../src/engine/nvidia.js';
import { tryWebgpu } from '../../src/engine/try-webgpu.js';
import { packageRoot } from '../../src/paths.js';
import { noDriver, noSoftwareAdapter, softwareAdapter } from './software-adapter.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-adapters-'));
});
afterAll(() => rm(folder, { recursive: true }));

function needsSoftwareAdapter(context: TestContext): void {
  if (noSoftwareAdapter !== false) context.skip(noSoftwareAdapter);
}

function needsLinux(context: TestContext): void {
  if (process.platform !== 'linux') context.skip('Vulkan decides on Linux only');
}

/** The child process runs this JavaScript before the probe. */
const beforeProbe = (code: string) => ({
  ...process.env,
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`,
});

async function none(env: NodeJS.ProcessEnv, timeLimitMs = 20_000): Promise<NoAdapter> {
  const found = await listAdapters({ env, timeLimitMs });
  if (found.kind === 'found') throw new Error(`found ${found.adapters[0].name}`);
  return found;
}

describe('with a software adapter', () => {
  test('it is described, once though three ways of asking lead to it', async (context) => {
    needsSoftwareAdapter(context);
    const found = await listAdapters({ env: { ...process.env, ...softwareAdapter } });
    if (found.kind === 'none') throw new Error(found.reason);
    expect(found.adapters).toHaveLength(1);
    const [adapter] = found.adapters;
    expect(adapter).toMatchObject({ vendor: 'google', architecture: 'swiftshader', software: true });
    expect(adapter.name).toMatch(/^swiftshader.*[^-]$/);
    expect(adapter.driver).toMatch(/SwiftShader.* \d/);
    // What WebGPU promises of every adapter.
    expect(adapter.limits.bufferBytes).toBeGreaterThanOrEqual(2 ** 28);
    expect(adapter.limits.bindingBytes).toBeGreaterThanOrEqual(2 ** 27);
    expect(adapter.limits.storageBuffers).toBeGreaterThanOrEqual(8);
    expect(adapter.limits.workgroupBytes).toBeGreaterThanOrEqual(2 ** 14);
    expect(adapter.limits.workgroupThreads).toBeGreaterThanOrEqual(256);
  });

  test('onnxruntime computes rightly on it', async (context) => {
    needsSoftwareAdapter(context);
    expect(await tryWebgpu({ env: { ...process.env, ...softwareAdapter } })).toBeNull();
  });
});

describe('without an adapter', () => {
  test('a loader that finds no driver: its words, what to install, and the CPU', async (context) => {
    needsLinux(context);
    const { cause, reason, advice } = await none({ ...process.env, ...noDriver });
    if (cause === 'no-loader') context.skip('no Vulkan loader: apt-get install libvulkan1');
    expect({ cause, reason }).toEqual({
      cause: 'no-driver',
      reason: expect.stringMatching(/^no driver offers a GPU \(.*no drivers.*\)$/),
    });
    expect(reason).not.toContain('\n');
    expect(advice).toMatch(/driver.*NVIDIA_DRIVER_CAPABILITIES=all.*chromium.*VK_DRIVER_FILES/);
    expect(advice).toMatch(/or use --device cpu$/);
  });

  test('a system without the Vulkan loader', async (context) => {
    needsLinux(context);
    const libraries = join(folder, 'libraries');
    await mkdir(libraries);
    await writeFile(join(libraries, 'libvulkan.so.1'), '');
    const { cause, reason, advice } = await none({ ...process.env, LD_LIBRARY_PATH: libraries });
    expect({ cause, reason }).toEqual({
      cause: 'no-loader',
      reason: expect.stringContaining('libvulkan.so.1'),
    });
    expect(advice).toMatch(/apt-get install libvulkan1.*driver.*or use --device cpu$/);
  });

  test('a program without the npm package', async () => {
    await cp(join(packageRoot, 'dist'), join(folder, 'alone', 'dist'), { recursive: true });
    await writeFile(join(folder, 'alone', 'package.json'), '{"type":"module"}');
    const adapters = pathToFileURL(join(folder, 'alone', 'dist', 'engine', 'adapters.js')).href;
    const code = `import { listAdapters } from '${adapters}'; console.log(JSON.stringify(await listAdapters()));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    expect(JSON.parse(stdout)).toEqual({
      kind: 'none',
      cause: 'no-package',
      reason: expect.stringContaining('webgpu'),
      advice: 'type "npm install webgpu", or use --device cpu',
    });
  });

  test('a driver that ends the process, with what it said', async () => {
    const code = "process.stderr.write('driver bug\\n', () => process.kill(process.pid, 'SIGKILL'))";
    const { cause, reason, advice } = await none(beforeProbe(`${code};await new Promise(() => {})`));
    expect({ cause, reason }).toEqual({
      cause: 'crash',
      reason: 'the search for a GPU ended with SIGKILL (driver bug)',
    });
    expect(advice).toContain('--device cpu');
  });

  test('a driver that hangs', async () => {
    const code = 'setInterval(() => {}, 1000); await new Promise(() => {})';
    const { cause, reason, advice } = await none(beforeProbe(code), 500);
    expect({ cause, reason }).toEqual({
      cause: 'time-out',
      reason: 'the search for a GPU did not end within 0.5 s',
    });
    expect(advice).toContain('--device cpu');
  });

  test('onnxruntime says so, too', async (context) => {
    needsLinux(context);
    const failure = await tryWebgpu({ env: { ...process.env, ...noDriver } });
    expect(failure).toMatch(/^onnxruntime does not start on WebGPU: Failed to get a WebGPU adapter/);
  });
});

test('what libraries say becomes one line', () => {
  const stderr =
    'Warning: no driver!\n    at f (x.cpp:1)\n\nWarning: no driver!\nerror: gave up with VK_ERROR.\n';
  expect(complaints(stderr)).toBe('no driver; gave up with VK_ERROR');
  expect(complaints('')).toBe('');
});

describe('an NVIDIA GPU as the kernel driver shows it', () => {
  test.each([
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024',
    'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build',
  ])('%s', async (version) => {
    const driver = await mkdtemp(join(folder, 'nvidia-'));
    await mkdir(join(driver, 'gpus', '0000:06:00.0'), { recursive: true });
    await writeFile(join(driver, 'version'), `${version}\nGCC version: 12.2.0\n`);
    await writeFile(
      join(driver, 'gpus', '0000:06:00.0', 'information'),
      'Model: \t\t NVIDIA H100 80GB HBM3\nIRQ: 1\n',
    );
    expect(nvidiaGpu(driver)).toEqual({ name: 'NVIDIA H100 80GB HBM3', driver: '550.54.15' });
  });

  test('none', () => {
    expect(nvidiaGpu(join(folder, 'nowhere'))).toBeUndefined();
  });
});
