import pLimit from 'p-limit';
import { DEFAULT_LIMITS, type RunOptions, runPython } from './run.js';
import type { PythonRunner, SandboxLimits, Verdict } from './types.js';

export interface RunnerOptions extends RunOptions {
  readonly limits?: SandboxLimits;
  /** Children at a time (1); more than one disturbs timings taken beside it. */
  readonly concurrency?: number;
}

/**
 * A runner for one run: remembers verdicts by program text, because methods under comparison often give the
 * same program and a verdict depends on nothing else. Errors of the sandbox itself are not remembered.
 */
export function createPythonRunner(options: RunnerOptions = {}): PythonRunner {
  const { limits = DEFAULT_LIMITS, concurrency = 1, ...runOptions } = options;
  const queue = pLimit(concurrency);
  const verdicts = new Map<string, Promise<Verdict>>();
  return {
    run(program) {
      const known = verdicts.get(program);
      if (known !== undefined) return known;
      const verdict = queue(() => runPython(program, limits, runOptions)).then((result) => {
        if (result.kind === 'sandbox-error') verdicts.delete(program);
        return result;
      });
      verdicts.set(program, verdict);
      return verdict;
    },
  };
}
