import { firstAdapter } from '../../src/engine/adapters.js';
import type { Adapter } from '../../src/engine/device.js';
import { openLocalEngine } from '../../src/engine/open.js';
import type { StepEngine } from '../../src/engine/types.js';
import { noSoftwareAdapter, softwareAdapter } from '../engine/software-adapter.js';

// Vulkan reads the environment of this process when the first session is made.
if (!noSoftwareAdapter) Object.assign(process.env, softwareAdapter);

export { noSoftwareAdapter };

export interface SoftwareEngineOptions {
  readonly profileDir?: string;
  /** Buffers of at most so many bytes, as on a smaller GPU. */
  readonly bindingBytes?: number;
}

/** The engine of a checkpoint on SwiftShader. */
export async function openSoftwareEngine(
  checkpointDir: string,
  { bindingBytes, profileDir }: SoftwareEngineOptions = {},
): Promise<StepEngine> {
  const found = await firstAdapter();
  const adapter: Adapter =
    bindingBytes === undefined ? found : { ...found, limits: { ...found.limits, bindingBytes } };
  const profile = profileDir === undefined ? {} : { profileDir };
  return openLocalEngine({ device: 'webgpu', adapter, checkpointDir, threads: 1, ...profile });
}
