import type { PythonBackend, Started } from './backend.js';
import { Interpreter, sandboxError } from './interpreter.js';
import { launchPyodide, pyodideVersions } from './pyodide.js';
import { cacheFolder, SnapshotCache } from './snapshot.js';
import type { SandboxLimits, Verdict } from './types.js';

/**
 * Five times HumanEval's three seconds, because Python in WebAssembly is about six times slower than native
 * Python and the slowest reference solution takes 1.3 s of it.
 */
export const DEFAULT_LIMITS: SandboxLimits = { timeLimitMs: 15_000, memoryBytes: 512 * 2 ** 20 };

/** Computing time of the start, on top of the program's own limit. */
const START_CPU_SECONDS = 60;

const sharedSnapshots = new SnapshotCache(`${cacheFolder()}/sandbox`);

export interface PyodideBackendOptions {
  /** Keeps the started interpreter; in the user's cache folder unless given. */
  readonly snapshots?: SnapshotCache;
  /** The child to start, for tests that take one bolt away to try those behind it. */
  readonly script?: string;
}

/**
 * Python in WebAssembly (pyodide) in a locked child process: the default, because it needs nothing but Node. The
 * isolation is defence in depth, no proof.
 */
export function pyodideBackend(options: PyodideBackendOptions = {}): PythonBackend {
  const { snapshots = sharedSnapshots, script } = options;
  const startFrom = async (snapshotPath: string | null, limits: SandboxLimits): Promise<Started> => {
    try {
      const child = await launchPyodide({
        mode: 'serve',
        snapshotPath,
        memoryBytes: limits.memoryBytes,
        cpuSeconds: START_CPU_SECONDS + Math.ceil(limits.timeLimitMs / 1000),
        ...(script === undefined ? {} : { script }),
      });
      return await Interpreter.start(child, limits);
    } catch (error) {
      // A missing file or package; anything else is a bug of ours.
      if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
      return { failure: sandboxError(`the interpreter could not be started (${(error as Error).message})`) };
    }
  };
  return {
    limits: DEFAULT_LIMITS,
    async describe(limits) {
      const { package: version, python } = await pyodideVersions();
      return { backend: 'sandbox', interpreter: `CPython ${python} in pyodide ${version}`, ...limits };
    },
    async start(limits) {
      const snapshotPath = await snapshots.path();
      const started = await startFrom(snapshotPath, limits);
      if ('interpreter' in started || snapshotPath === null) return started;
      await snapshots.discard();
      return startFrom(null, limits);
    },
  };
}

/**
 * Runs one Python program in a fresh interpreter in a locked child process. It passes when control comes back
 * after its last statement: exceptions, `SystemExit`, `os._exit` and the like are failures.
 */
export async function runPython(
  program: string,
  limits: SandboxLimits = DEFAULT_LIMITS,
  options: PyodideBackendOptions = {},
): Promise<Verdict> {
  const started = await pyodideBackend(options).start(limits);
  if ('failure' in started) return started.failure;
  return started.interpreter.serve({ kind: 'run', program });
}
