import type { Adapter } from '../../engine/device.js';
import { profiled } from '../../engine/profiled.js';
import type { Clock } from '../../measure/clock.js';
import { readGpuTrace } from '../../measure/gpu-trace.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import { sum } from '../../stats/summary.js';
import { watchPasses } from '../passes/watched-passes.js';
import type { GpuWork } from './bottleneck.js';
import type { TimedCase } from './time-methods.js';

/** Decodes as many passes as are wanted on an adapter under onnxruntime's profiler and counts what the GPU did. */
export async function profileGpuWork(
  { dir: checkpointDir, dimensions }: Checkpoint,
  timed: TimedCase,
  wanted: number,
  {
    adapter,
    threads,
    half,
    clock,
  }: { adapter: Adapter; threads: number; half?: boolean | undefined; clock: Clock },
): Promise<GpuWork> {
  const isEnough = ({ length }: { readonly length: number }) => length === wanted;
  const {
    value: { passes },
    traces,
  } = await profiled({ device: 'webgpu', adapter, checkpointDir, threads, half }, (engine) =>
    watchPasses(engine, dimensions, { ...timed, isEnough }, clock),
  );
  const sessions = traces.map(readGpuTrace);
  const kernelMs = sessions.flatMap((session) => session.kernelMs ?? []);
  return {
    passes: passes.length,
    kernels: sum(sessions.map(({ kernels }) => kernels)) / passes.length,
    kernelMs: kernelMs.length === 0 ? null : sum(kernelMs) / passes.length,
  };
}
