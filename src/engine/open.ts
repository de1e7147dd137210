import { availableParallelism, freemem } from 'node:os';
import { UsageError } from '../errors.js';
import { cacheFolder } from '../models/cache-folder.js';
import { type Checkpoint, checkpointSha256, openCheckpoint } from '../models/checkpoint.js';
import { prepackedBytes } from '../models/memory.js';
import { firstAdapter } from './adapters.js';
import { type Adapter, type Device, devices } from './device.js';
import { graphModelOf } from './graph-model.js';
import { LocalEngine } from './local.js';
import { refuseTooLarge } from './memory-guard.js';
import type { SessionOptions } from './ort-session.js';
import { type PrepackedOptions, wantsPrepacked } from './prepacked.js';
import type { WorkerData } from './protocol.js';
import { RemoteEngine } from './remote.js';
import type { StepEngine } from './types.js';

export interface EngineOptions {
  readonly device?: Device;
  /** Threads of one operator. Default: `defaultThreads`. */
  readonly threads?: number;
  /** Compute in half precision, whatever the size of the model; on WebGPU only. */
  readonly half?: boolean | undefined;
}

/** Below this many bytes of weights a second thread costs more than it gives. */
const oneThreadBytes = 64e6;

/**
 * Threads for a model of this size: one for a small model, whose operations are too short to share (measured
 * on the reference model: two threads take 1.6 times the CPU for 0.75 of the time), else the cores, at most 8.
 */
export function defaultThreads(weightBytes: number): number {
  return weightBytes < oneThreadBytes ? 1 : Math.min(8, availableParallelism());
}

/** Memory to be had without swapping: MemAvailable on Linux, within the limits of a container. */
function availableBytes(): number {
  return process.availableMemory?.() ?? freemem();
}

/**
 * Opens the engine of a checkpoint in a worker thread.
 * @throws UsageError for an unknown device or a checkpoint that onnxruntime cannot load.
 */
export async function openEngine(checkpoint: Checkpoint, options: EngineOptions = {}): Promise<StepEngine> {
  const { device = 'cpu', threads = defaultThreads(checkpoint.totalBytes) } = options;
  if (!devices.includes(device)) {
    throw new UsageError(
      'ENGINE_DEVICE',
      `unknown device "${device}"; use --device ${devices.join(' or ')}.`,
    );
  }
  if (device === 'cpu') refuseTooLarge(checkpoint, availableBytes());
  const adapter = device === 'webgpu' ? await firstAdapter() : undefined;
  if (options.half === true) refuseNoHalf(device, adapter);
  const prepacked = device === 'cpu' && wantsPrepacked() ? await prepackedOptions(checkpoint) : undefined;
  return RemoteEngine.start({
    device,
    adapter,
    checkpointDir: checkpoint.dir,
    threads,
    prepacked,
    half: options.half,
  });
}

/** @throws UsageError `PRECISION_DEVICE` where a device does not compute in half precision */
export function refuseNoHalf(device: Device, adapter: Adapter | undefined): void {
  if (adapter?.f16 === true) return;
  const what =
    adapter === undefined ? `${device} does not compute` : `the shaders of ${adapter.name} do not compute`;
  throw new UsageError(
    'PRECISION_DEVICE',
    `${what} in half precision (shader-f16); leave --precision fp16 out for fp32.`,
  );
}

/** Where a checkpoint's packed weights are kept. */
async function prepackedOptions(checkpoint: Checkpoint): Promise<PrepackedOptions> {
  const { specs, conversion } = checkpoint;
  return {
    dir: cacheFolder('prepacked'),
    checkpointSha256: await checkpointSha256(checkpoint),
    expectedBytes: prepackedBytes(
      specs,
      conversion?.precision ?? 'fp32',
      checkpoint.weight('embedding').bytes,
    ),
  };
}

/** Opens the engine in the calling thread: inside the worker, and where a test looks at the session itself. */
export async function openLocalEngine({
  device = 'cpu',
  adapter,
  checkpointDir,
  threads,
  profileDir,
  prepacked,
  half,
}: WorkerData): Promise<StepEngine> {
  const checkpoint = await openCheckpoint(checkpointDir);
  const options: Omit<SessionOptions, 'device'> = {
    checkpointDir,
    weightsDir: checkpoint.weightsDir,
    model: graphModelOf(checkpoint),
    weightBytes: checkpoint.totalBytes,
    threads,
    profileDir,
    prepacked,
  };
  if (device !== 'webgpu') return new LocalEngine({ ...options, device });
  if (adapter === undefined) throw new Error('the device webgpu without an adapter');
  if (checkpoint.conversion !== undefined) {
    const { precision } = checkpoint.conversion;
    throw new UsageError(
      'PRECISION_DEVICE',
      `${checkpointDir} is a model in ${precision}, which runs on the processor only; use --device cpu.`,
    );
  }
  const { openWebGpuEngine } = await import('./webgpu/open.js');
  return openWebGpuEngine(options, adapter, half);
}
