import { sum } from '../stats/summary.js';
import { readOrtEvents } from './ort-trace.js';

/** What a session did on the GPU. */
export interface GpuTrace {
  /** Kernels, or nodes where the adapter has no timestamps and kernels are not recorded. */
  readonly kernels: number;
  /** Sum of the kernels' own durations; undefined where the adapter has no timestamps. */
  readonly kernelMs: number | undefined;
}

interface GpuEvent {
  readonly cat: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly provider?: string };
}

/**
 * All runs in a profiling trace of onnxruntime 1.30 on WebGPU: it has one event `Api` a kernel, with the GPU's own
 * time stamps, beside one event a node.
 * @throws Error if the trace may have been cut.
 */
export function readGpuTrace(text: string): GpuTrace {
  const events = readOrtEvents<GpuEvent>(text);
  const kernels = events.filter(({ cat }) => cat === 'Api');
  if (kernels.length > 0) {
    return { kernels: kernels.length, kernelMs: sum(kernels.map(({ dur }) => dur)) / 1000 };
  }
  const nodes = events.filter(
    ({ cat, args }) => cat === 'Node' && args?.provider === 'WebGpuExecutionProvider',
  );
  return { kernels: nodes.length, kernelMs: undefined };
}
