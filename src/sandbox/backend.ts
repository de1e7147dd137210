import type { Interpreter } from './interpreter.js';
import type { Failure, SandboxLimits } from './types.js';

/** An interpreter that waits for its task, or why there is none. */
export type Started = { readonly interpreter: Interpreter } | { readonly failure: Failure };

/** A way to start Python interpreters of which each does one task. */
export interface PythonBackend {
  start(limits: SandboxLimits): Promise<Started>;
}
