import type { Interpreter } from './interpreter.js';
import type { Failure, SandboxLimits } from './types.js';

/** An interpreter that waits for its task, or why there is none. */
export type Started = { readonly interpreter: Interpreter } | { readonly failure: Failure };

/** The words of `--python`. */
export const pythonChoices = ['sandbox', 'bubblewrap', 'system'] as const;
export type PythonChoice = (typeof pythonChoices)[number];

/** What programs run in, for manifests. */
export interface PythonDescription extends SandboxLimits {
  readonly backend: PythonChoice;
  /** `CPython 3.11.2`, `CPython 3.14.2 in pyodide 314.0.7`. */
  readonly interpreter: string;
}

/** A way to start Python interpreters of which each does one task. */
export interface PythonBackend {
  /** What a program may take unless somebody says otherwise. */
  readonly limits: SandboxLimits;
  start(limits: SandboxLimits): Promise<Started>;
  /** Describes itself without starting an interpreter. */
  describe(limits: SandboxLimits): Promise<PythonDescription>;
}
