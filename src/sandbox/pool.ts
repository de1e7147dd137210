import pLimit, { type LimitFunction } from 'p-limit';
import type { PythonBackend, Started } from './backend.js';
import type { SandboxLimits } from './types.js';

/**
 * Interpreters started ahead of the programs that wait for one. Nothing is started for programs that may come
 * later: a start computes for a third of a second, and that would disturb the speeds of samples decoded meanwhile.
 * Each interpreter does one task, so that no program finds what another left.
 */
export class InterpreterPool {
  readonly #backend: PythonBackend;
  readonly #limits: SandboxLimits;
  readonly #size: number;
  readonly #starts: LimitFunction;
  readonly #ahead: Promise<Started>[] = [];

  /** @param size interpreters that start at a time, and that wait at most */
  constructor(backend: PythonBackend, limits: SandboxLimits, size: number) {
    this.#backend = backend;
    this.#limits = limits;
    this.#size = size;
    this.#starts = pLimit(size);
  }

  /** Starts interpreters for `programs` that are certain to ask for one. */
  prepare(programs: number): void {
    while (this.#ahead.length < Math.min(programs, this.#size)) this.#ahead.push(this.#start());
  }

  /** An interpreter for one task; one that broke while it waited is replaced. */
  async take(): Promise<Started> {
    for (let next = this.#ahead.shift(); next !== undefined; next = this.#ahead.shift()) {
      const started = await next;
      if ('interpreter' in started && started.interpreter.waiting) return started;
    }
    return this.#start();
  }

  #start(): Promise<Started> {
    return this.#starts(() => this.#backend.start(this.#limits));
  }
}
