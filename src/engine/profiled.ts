import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalEngine } from './open.js';
import type { WorkerData } from './protocol.js';
import type { StepEngine } from './types.js';

/**
 * Uses an engine of its own, in this thread, under onnxruntime's profiler. Profiling slows passes down, so that
 * times come from elsewhere.
 *
 * @returns What `use` gives, and the trace of each session that the engine had, as text.
 */
export async function profiled<T>(
  options: Omit<WorkerData, 'profileDir'>,
  use: (engine: StepEngine) => Promise<T>,
): Promise<{ readonly value: T; readonly traces: string[] }> {
  const profileDir = await mkdtemp(join(tmpdir(), 'repro-profile-'));
  try {
    const engine = await openLocalEngine({ ...options, profileDir });
    // Traces are written when the sessions end.
    const value = await use(engine).finally(() => engine.close());
    const files = await readdir(profileDir);
    const traces = await Promise.all(files.map((file) => readFile(join(profileDir, file), 'utf8')));
    return { value, traces };
  } finally {
    await rm(profileDir, { recursive: true });
  }
}
