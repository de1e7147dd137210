import { UsageError } from '../errors.js';
import type { ProbeAnswer } from './adapter-probe.js';
import { askChild, type ChildAnswer, complaints } from './ask-child.js';
import type { Adapter } from './device.js';
import { nvidiaGpu } from './nvidia.js';

/** Why no GPU adapter is found. `no-driver`: WebGPU starts, but no driver offers a GPU. */
export type NoAdapterCause =
  | 'no-package'
  | 'package-unusable'
  | 'no-loader'
  | 'no-driver'
  | 'crash'
  | 'time-out';

/** No adapter: what is wrong and what to do, as parts of a sentence. */
export interface NoAdapter {
  readonly kind: 'none';
  readonly cause: NoAdapterCause;
  readonly reason: string;
  readonly advice: string;
}

/** The GPU adapters of this machine; the first is the one that onnxruntime takes. */
export type Adapters =
  | { readonly kind: 'found'; readonly adapters: readonly [Adapter, ...Adapter[]] }
  | NoAdapter;

export interface ProbeOptions {
  /** Of the child process: drivers read it. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeLimitMs?: number;
}

const defaultTimeLimitMs = 20_000;

/** Asks WebGPU for adapters, in a child process: a driver may crash, hang or write to stderr. */
export async function listAdapters(options: ProbeOptions = {}): Promise<Adapters> {
  const { timeLimitMs = defaultTimeLimitMs } = options;
  const asked = await askChild<ProbeAnswer>('adapter-probe', { ...options, timeLimitMs });
  if (asked.kind === 'answer' && asked.answer.kind === 'adapters') {
    const [first, ...others] = asked.answer.adapters;
    if (first !== undefined) return { kind: 'found', adapters: [first, ...others] };
  }
  return { kind: 'none', ...whyNone(asked, timeLimitMs) };
}

/** The adapter that onnxruntime takes. @throws UsageError `ENGINE_DEVICE` where there is none: why, and what to do. */
export async function firstAdapter(options: ProbeOptions = {}): Promise<Adapter> {
  const found = await listAdapters(options);
  if (found.kind === 'found') return found.adapters[0];
  throw new UsageError('ENGINE_DEVICE', `--device webgpu finds no GPU: ${found.reason}; ${found.advice}.`);
}

const withoutGpu = 'or use --device cpu';

function whyNone(asked: ChildAnswer<ProbeAnswer>, timeLimitMs: number): Omit<NoAdapter, 'kind'> {
  const said = complaints(asked.stderr);
  const quoted = said === '' ? '' : ` (${said})`;
  switch (asked.kind) {
    case 'crash': {
      const reason = `the search for a GPU ended with ${asked.how}${quoted}`;
      return { cause: 'crash', reason, advice: `mend or update the GPU's driver, ${withoutGpu}` };
    }
    case 'time-out': {
      const reason = `the search for a GPU did not end within ${timeLimitMs / 1000} s${quoted}`;
      return { cause: 'time-out', reason, advice: `mend or update the GPU's driver, ${withoutGpu}` };
    }
    case 'answer':
      return noAdapterIn(asked.answer, quoted);
  }
}

function noAdapterIn(answer: ProbeAnswer, quoted: string): Omit<NoAdapter, 'kind'> {
  switch (answer.kind) {
    case 'no-package':
      return {
        cause: 'no-package',
        reason: 'the optional npm package webgpu, which finds GPUs, is not installed',
        advice: `type "npm install webgpu", ${withoutGpu}`,
      };
    case 'package-unusable':
      return {
        cause: 'package-unusable',
        reason: `the npm package webgpu does not load (${answer.message})`,
        advice: `type "npm install webgpu" to install it again, ${withoutGpu}`,
      };
    case 'no-loader':
      return {
        cause: 'no-loader',
        reason: `the system has no Vulkan loader (${answer.message})`,
        advice: `install it ("apt-get install libvulkan1" on Debian and Ubuntu) and ${vendorDriver()}, ${withoutGpu}`,
      };
    case 'adapters':
      return {
        cause: 'no-driver',
        reason: `no driver offers a GPU${quoted}`,
        advice: `${driverAdvice()}, ${withoutGpu}`,
      };
  }
}

/** What makes a GPU appear where WebGPU itself starts. */
function driverAdvice(): string {
  switch (process.platform) {
    case 'darwin':
      return 'the driver is part of macOS: update the system';
    case 'win32':
      return "the driver is part of Windows: update it with the system's updates or from the GPU's vendor";
    default:
      return (
        `install ${vendorDriver()}, try without a GPU on Debian's software adapter ("apt-get install chromium", ` +
        'then VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json)'
      );
  }
}

/** Linux: the driver that is missing, by the GPU that is seen. */
function vendorDriver(): string {
  const nvidia = nvidiaGpu();
  if (nvidia !== undefined) {
    return `the Vulkan part of the driver of the ${nvidia.name}; a container needs NVIDIA_DRIVER_CAPABILITIES=all for it, and libegl1 and libxext6`;
  }
  return (
    "the Vulkan driver of the GPU's vendor (AMD, Intel: mesa-vulkan-drivers; NVIDIA: its own, and in a container " +
    'NVIDIA_DRIVER_CAPABILITIES=all)'
  );
}
