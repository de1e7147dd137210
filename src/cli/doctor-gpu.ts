import type { Adapter } from '../engine/device.js';
import { type Check, type Finding, ok } from './doctor-finding.js';

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GiB`;

/** `<name>, <driver>: buffers to 2.0 GiB (bound 2.0 GiB), f16, subgroups of 32` */
function adapterLine({ name, driver, software, f16, subgroups, limits }: Adapter): string {
  const sizes = subgroups === null ? '' : [...new Set([subgroups.min, subgroups.max])].join(' to ');
  return [
    `${name}, ${driver}${software ? ', software (a program on the processor)' : ''}: `,
    `buffers to ${gib(limits.bufferBytes)} (bound: ${gib(limits.bindingBytes)}), ${f16 ? 'f16' : 'no f16'}, `,
    subgroups === null ? 'no subgroups' : `subgroups of ${sizes}`,
  ].join('');
}

/** A machine without a GPU is in order, so neither check fails. */
export const gpuChecks: readonly Check[] = [
  {
    name: 'gpu',
    advice: 'use --device cpu',
    run: async () => {
      const { listAdapters } = await import('../engine/adapters.js');
      const { tryWebgpu } = await import('../engine/try-webgpu.js');
      const found = await listAdapters();
      if (found.kind === 'none') return { status: 'warn', detail: found.reason, advice: found.advice };
      const { adapters } = found;
      const lines = adapters.map(adapterLine);
      const failure = await tryWebgpu();
      if (failure !== null) {
        const advice = "use --device cpu, or update the GPU's driver";
        return { status: 'warn', detail: [...lines, failure].join('\n'), advice };
      }
      const which = adapters.length === 1 ? 'it' : 'the first';
      return {
        status: 'ok',
        detail: [...lines, `onnxruntime computes rightly on ${which} (--device webgpu)`].join('\n'),
        adapters,
      };
    },
  },
  {
    name: 'cuda',
    advice: 'use --device webgpu',
    run: async (): Promise<Finding> => {
      const { cudaFiles } = await import('../engine/cuda-files.js');
      const { nvidiaGpu } = await import('../engine/nvidia.js');
      const gpu = nvidiaGpu();
      const seen = gpu === undefined ? '' : `; NVIDIA driver ${gpu.driver} on ${gpu.name}`;
      if (cudaFiles() !== 'installed') return ok(`not installed (WebGPU is the path for GPUs)${seen}`);
      if (gpu !== undefined) return ok(`installed, experimental${seen}`);
      return {
        status: 'warn',
        detail: "onnxruntime's CUDA files are installed, but no NVIDIA GPU is visible",
        advice: 'use --device cpu or webgpu',
      };
    },
  },
];
