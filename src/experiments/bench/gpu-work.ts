import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GenerationConfig } from '../../config/generation-config.js';
import { firstAdapter } from '../../engine/adapters.js';
import { openLocalEngine } from '../../engine/open.js';
import { readGpuRuns } from '../../measure/gpu-trace.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import type { GpuWork } from './bottleneck.js';
import { type BenchCanvas, timePasses } from './time-passes.js';

/**
 * Decodes a few passes under onnxruntime's profiler, on an engine of its own in this thread: profiling slows
 * passes down, so that times come from others.
 */
export async function profileGpuWork(
  checkpoint: Checkpoint,
  method: GenerationConfig['method'],
  canvas: BenchCanvas,
  threads: number,
): Promise<GpuWork> {
  const profileDir = await mkdtemp(join(tmpdir(), 'repro-bench-'));
  try {
    const adapter = await firstAdapter();
    const { dir: checkpointDir, dimensions } = checkpoint;
    const engine = await openLocalEngine({ device: 'webgpu', adapter, checkpointDir, threads, profileDir });
    const passes = await timePasses(engine, dimensions, method, canvas).finally(() => engine.close());
    const traces = await Promise.all(
      (await readdir(profileDir)).map((file) => readFile(join(profileDir, file), 'utf8')),
    );
    const runs = traces.flatMap(readGpuRuns);
    const timed = runs.filter(({ kernelMs }) => kernelMs !== undefined);
    const kernelMs = timed.reduce((sum, run) => sum + run.kernelMs!, 0);
    return {
      passes: passes.length,
      kernels: runs.reduce((sum, run) => sum + run.kernels, 0) / passes.length,
      kernelMs: timed.length === 0 ? null : kernelMs / passes.length,
    };
  } finally {
    await rm(profileDir, { recursive: true, force: true });
  }
}
