import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An NVIDIA GPU as its kernel driver shows it on Linux; in a container this can be all that is there of it. */
export interface NvidiaGpu {
  readonly name: string;
  /** Version of the kernel driver. */
  readonly driver: string;
}

/**
 * The first NVIDIA GPU of this machine, or undefined where none is visible.
 *
 * @param folder Where the kernel driver shows its state.
 */
export function nvidiaGpu(folder = '/proc/driver/nvidia'): NvidiaGpu | undefined {
  try {
    const version = readFileSync(join(folder, 'version'), 'utf8');
    const gpus = join(folder, 'gpus');
    const [first] = readdirSync(gpus).sort();
    if (first === undefined) return undefined;
    const information = readFileSync(join(gpus, first, 'information'), 'utf8');
    return {
      name: /^Model:\s*(.+)$/m.exec(information)?.[1]?.trim() ?? 'NVIDIA GPU',
      driver: /Kernel Module(?: +for \S+)? +(\d+(?:\.\d+)+)/.exec(version)?.[1] ?? 'unknown',
    };
  } catch {
    return undefined;
  }
}
