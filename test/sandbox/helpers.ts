import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPython } from '../../src/sandbox/run.js';
import { SnapshotCache } from '../../src/sandbox/snapshot.js';
import type { SandboxLimits, Verdict } from '../../src/sandbox/types.js';

/** Snapshots of the tests: shared by the test files, apart from the user's own cache. */
export const testSnapshots = new SnapshotCache(join(tmpdir(), 'repro-test-sandbox'));

/** Generous in time, because tests share the machine. */
export const testLimits: SandboxLimits = { timeLimitMs: 20_000, memoryBytes: 256 * 2 ** 20 };

export function run(program: string, limits: Partial<SandboxLimits> = {}, script?: string): Promise<Verdict> {
  const options = script === undefined ? {} : { script };
  return runPython(program, { ...testLimits, ...limits }, { snapshots: testSnapshots, ...options });
}
