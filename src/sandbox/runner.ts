import pLimit from 'p-limit';
import type { PythonBackend, Started } from './backend.js';
import type { Interpreter, Task } from './interpreter.js';
import { InterpreterPool } from './pool.js';
import { type PyodideBackendOptions, pyodideBackend } from './run.js';
import type { Evaluation, PythonRunner, SandboxLimits, Verdict } from './types.js';

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
  const evaluators = new Evaluators();
  const start = async (): Promise<Started> => {
    const taken = pool.take();
    pool.prepare(queue.pendingCount);
    return taken;
  };
  const runs = new Memory<Verdict>();
  const evaluations = new Memory<Evaluation>();
  /** Nothing is kept when nothing waits: an interpreter at rest would hold memory, and the process. */
  const queued = async <T>(work: () => Promise<T>): Promise<T> =>
    queue(() =>
      work().finally(() => {
        if (queue.pendingCount === 0) evaluators.clear();
      }),
    );
  return {
    run: (program) =>
      runs.get(program, () =>
        queued(async () => {
          const started = await start();
          return 'failure' in started ? started.failure : started.interpreter.serve({ kind: 'run', program });
        }),
      ),
    evaluate: (source, input) =>
      evaluations.get(JSON.stringify([source, input]), () =>
        queued(async () => {
          const task = { kind: 'evaluate', source, input } as const;
          const kept = evaluators.take();
          const early = kept === undefined ? undefined : await evaluators.serve(kept, task);
          // What an interpreter that served before cannot do is tried in a fresh one, so that no answer depends on it.
          if (early?.kind === 'value') return early;
          const started = await start();
          if ('failure' in started) return started.failure;
          return evaluators.serve({ interpreter: started.interpreter, served: 0 }, task);
        }),
      ),
  };
}

/** An interpreter that has run source of ours only, and how often. */
interface Evaluator {
  readonly interpreter: Interpreter;
  readonly served: number;
}

/** Computing time of a child is limited, so it does not serve for ever. */
const mostEvaluations = 40;

/** Interpreters that have evaluated source of ours and may do so again. A program never comes to one. */
class Evaluators {
  readonly #idle: Evaluator[] = [];

  take(): Evaluator | undefined {
    for (let next = this.#idle.pop(); next !== undefined; next = this.#idle.pop()) {
      if (next.interpreter.waiting) return next;
    }
    return undefined;
  }

  /** Evaluates, and keeps the interpreter if it gave a value. */
  async serve(
    { interpreter, served }: Evaluator,
    task: Extract<Task, { kind: 'evaluate' }>,
  ): Promise<Evaluation> {
    const result = await interpreter.serve(task);
    if (result.kind === 'value' && served + 1 < mostEvaluations)
      this.#idle.push({ interpreter, served: served + 1 });
    else interpreter.kill();
    return result;
  }

  clear(): void {
    for (const { interpreter } of this.#idle.splice(0)) interpreter.kill();
  }
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
