/** Bounds of one program. */
export interface SandboxLimits {
  /** Wall-clock milliseconds of the program itself; the interpreter's start is not counted. */
  readonly timeLimitMs: number;
  /** Bytes to which the interpreter's memory may grow, the interpreter itself included (about 40 MB). */
  readonly memoryBytes: number;
}

/** What became of a program. Only `passed` means that control came back after its last statement. */
export type Verdict =
  | { readonly kind: 'passed'; readonly detail: string; readonly elapsedMs: number }
  /** An exception, an early exit, or something that the sandbox refused; `detail` is one line. */
  | { readonly kind: 'failed'; readonly detail: string; readonly elapsedMs: number }
  | { readonly kind: 'timeout'; readonly detail: string; readonly elapsedMs: number }
  | { readonly kind: 'out-of-memory'; readonly detail: string; readonly elapsedMs: number }
  /** The sandbox itself did not work (no interpreter, no child process): says nothing about the program. */
  | { readonly kind: 'sandbox-error'; readonly detail: string; readonly elapsedMs: number };

/** Runs model-written Python, one program at a time or several. */
export interface PythonRunner {
  run(program: string): Promise<Verdict>;
}
