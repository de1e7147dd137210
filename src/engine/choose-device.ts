import { UsageError } from '../errors.js';
import { cpuName } from '../measure/environment.js';
import { type Adapters, firstAdapter, listAdapters, type ProbeOptions } from './adapters.js';
import { type CudaFiles, cudaFiles, cudaInstallLine } from './cuda-files.js';
import type { Adapter, DeviceChoice, DeviceFacts } from './device.js';
import { nvidiaGpu } from './nvidia.js';

/** The device that a choice came to. */
export interface ChosenDevice extends DeviceFacts {
  /** One line for the user: what `auto` chose and why, or what to know of the device. */
  readonly notice: string | null;
}

/**
 * The device of a choice. Only `auto` falls back on the processor.
 * @throws UsageError `ENGINE_DEVICE` if there is no such device here: why, and what to install.
 */
export async function chooseDevice(choice: DeviceChoice, options: ProbeOptions = {}): Promise<ChosenDevice> {
  switch (choice) {
    case 'cpu':
      return { ...processor(), notice: null };
    case 'webgpu':
      return webgpu(await firstAdapter(options));
    case 'auto':
      return automatic(await listAdapters(options));
    case 'cuda':
      return cuda(cudaFiles());
  }
}

function processor(): DeviceFacts {
  return { device: 'cpu', name: cpuName(), driver: null };
}

function adapterFacts({ name, driver }: Adapter): DeviceFacts {
  return { device: 'webgpu', name, driver };
}

function webgpu(adapter: Adapter): ChosenDevice {
  const notice = adapter.software
    ? `device: webgpu on ${adapter.name}, a program on the processor: its speed says nothing of a GPU`
    : null;
  return { ...adapterFacts(adapter), notice };
}

function automatic(found: Adapters): ChosenDevice {
  if (found.kind === 'none') {
    const notice = `device: cpu, because ${found.reason}; "repro doctor" says what to install for a GPU`;
    return { ...processor(), notice };
  }
  const [adapter] = found.adapters;
  const { name, driver, software } = adapter;
  if (!software) return { ...adapterFacts(adapter), notice: `device: webgpu on ${name} (${driver})` };
  return {
    ...processor(),
    notice: `device: cpu, because the only GPU, ${name}, is a program on the processor; --device webgpu takes it`,
  };
}

/** @param files Of onnxruntime's CUDA provider. @throws UsageError `ENGINE_DEVICE` unless they are installed. */
export function cuda(files: CudaFiles): ChosenDevice {
  if (files === 'no such files') {
    throw new UsageError(
      'ENGINE_DEVICE',
      "--device cuda needs Linux on x64, for which alone onnxruntime's CUDA files are made; use --device webgpu for a GPU.",
    );
  }
  if (files === 'missing') {
    throw new UsageError(
      'ENGINE_DEVICE',
      `--device cuda finds no CUDA files of onnxruntime; in the folder of the program type "${cudaInstallLine}", or ` +
        'use --device webgpu, which is the path for GPUs (cuda is experimental: its caches stay on the host).',
    );
  }
  const gpu = nvidiaGpu();
  return {
    device: 'cuda',
    name: gpu?.name ?? 'CUDA device 0',
    driver: gpu?.driver ?? null,
    notice:
      'device: cuda is experimental, and its caches stay on the host; --device webgpu is the path for GPUs',
  };
}
