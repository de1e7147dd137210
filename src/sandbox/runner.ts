import pLimit from 'p-limit';
import type { PythonBackend } from './backend.js';
import type { Interpreter } from './interpreter.js';
import { InterpreterPool } from './pool.js';
import { type PyodideBackendOptions, pyodideBackend } from './run.js';
import type { Evaluation, Failure, PythonRunner, SandboxLimits, Verdict } from './types.js';

export interface RunnerOptions extends PyodideBackendOptions {
  /** What starts the interpreters; pyodide unless given. */
  readonly backend?: PythonBackend;
  /** The backend's unless given. */
  readonly limits?: SandboxLimits;
  /** Programs at a time (1); while one runs, an interpreter starts for the next that waits. */
  readonly concurrency?: number;
}

/**
 * A runner for one run: remembers what came of each task, because methods under comparison often give the same
 * program and a verdict depends on nothing else. Errors of the sandbox itself are not remembered.
 */
export function createPythonRunner(options: RunnerOptions = {}): PythonRunner {
  const { backend = pyodideBackend(options), concurrency = 1 } = options;
  const { limits = backend.limits } = options;
  const queue = pLimit(concurrency);
  const pool = new InterpreterPool(backend, limits, concurrency);
  const inInterpreter = <T>(serve: (interpreter: Interpreter) => Promise<T>): Promise<T | Failure> =>
    queue(async () => {
      const taken = pool.take();
      pool.prepare(queue.pendingCount);
      const started = await taken;
      return 'failure' in started ? started.failure : serve(started.interpreter);
    });
  const verdicts = new Memory<Verdict>();
  const evaluations = new Memory<Evaluation>();
  return {
    run: (program) =>
      verdicts.get(program, () => inInterpreter((python) => python.serve({ kind: 'run', program }))),
    evaluate: (source, input) =>
      evaluations.get(JSON.stringify([source, input]), () =>
        inInterpreter((python) => python.serve({ kind: 'evaluate', source, input })),
      ),
  };
}

/** What came of tasks, by their text. */
class Memory<T extends { readonly kind: string }> {
  readonly #known = new Map<string, Promise<T>>();

  get(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = find().then((result) => {
      if (result.kind === 'sandbox-error') this.#known.delete(key);
      return result;
    });
    this.#known.set(key, found);
    return found;
  }
}
