import { constants } from 'node:os';
import type { Adapter } from './device.js';

/** Entry of the child process that asks the npm package `webgpu` (Dawn, as in onnxruntime) for adapters. */

/** What the child sends. */
export type ProbeAnswer =
  | { readonly kind: 'adapters'; readonly adapters: readonly Adapter[] }
  | { readonly kind: 'no-package' }
  | { readonly kind: 'package-unusable'; readonly message: string }
  /** Linux: the system does not load libvulkan.so.1. */
  | { readonly kind: 'no-loader'; readonly message: string };

/** What is used of the package; WebGPU's names. */
interface Dawn {
  create(toggles: readonly string[]): { requestAdapter(options: object): Promise<GpuAdapter | null> };
}

interface GpuAdapter {
  readonly features: ReadonlySet<string>;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly subgroupMinSize: number;
    readonly subgroupMaxSize: number;
    readonly isFallbackAdapter: boolean;
  };
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxStorageBuffersPerShaderStage: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
  };
}

/** Not a literal in the import: the program must also compile where this optional package is missing. */
const packageName: string = 'webgpu';

/** onnxruntime asks Dawn in the first way: that adapter is the one that it takes. */
const requests = [
  { powerPreference: 'high-performance' },
  { powerPreference: 'low-power' },
  { forceFallbackAdapter: true },
];

const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

function describe({ info, features, limits }: GpuAdapter): Adapter {
  const { vendor, architecture, device, description } = info;
  const names = [device, description, architecture, vendor];
  return {
    // WebGPU puts a dash for every run of other characters, also at the end.
    name: device.replace(/-+$/, '') || architecture || vendor || 'unknown',
    vendor: vendor || 'unknown',
    architecture: architecture || 'unknown',
    driver: description || 'unknown',
    software: info.isFallbackAdapter || names.some((name) => softwareNames.test(name)),
    f16: features.has('shader-f16'),
    subgroups: features.has('subgroups') ? { min: info.subgroupMinSize, max: info.subgroupMaxSize } : null,
    limits: {
      bufferBytes: limits.maxBufferSize,
      bindingBytes: limits.maxStorageBufferBindingSize,
      storageBuffers: limits.maxStorageBuffersPerShaderStage,
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      workgroupThreads: limits.maxComputeInvocationsPerWorkgroup,
    },
  };
}

/** Why the system does not load the Vulkan loader, or undefined where it does. */
function loaderError(): string | undefined {
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1', constants.dlopen.RTLD_NOW);
  } catch (error) {
    const { message } = error as Error;
    // A library that loads is still no Node add-on.
    if (!message.includes('did not self-register')) return message;
  }
  return undefined;
}

async function probe(): Promise<ProbeAnswer> {
  let dawn: Dawn;
  try {
    dawn = (await import(packageName)) as Dawn;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND') return { kind: 'no-package' };
    return { kind: 'package-unusable', message: message.split('\n')[0]! };
  }
  const gpu = dawn.create([]);
  const adapters = new Map<string, Adapter>();
  for (const request of requests) {
    const found = await gpu.requestAdapter(request);
    if (found === null) continue;
    const adapter = describe(found);
    adapters.set(JSON.stringify(adapter), adapter);
  }
  const message = adapters.size === 0 && process.platform === 'linux' ? loaderError() : undefined;
  if (message !== undefined) return { kind: 'no-loader', message };
  return { kind: 'adapters', adapters: [...adapters.values()] };
}

const answer = await probe();
// What is asked is answered: no thread of a driver shall keep the process.
process.send?.(answer, () => process.exit(0));
