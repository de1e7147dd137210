/** Bounds of one program. */
export interface SandboxLimits {
  /** Wall-clock milliseconds of the program itself; the interpreter's start is not counted. */
  readonly timeLimitMs: number;
  /** Bytes to which the interpreter's memory may grow, the interpreter itself included (about 40 MB). */
  readonly memoryBytes: number;
}

/** A task that did not come to its end as it should have. */
export type Failure =
  /** An exception, an early exit, or something that the sandbox refused; `detail` is one line. */
  | { readonly kind: 'failed'; readonly detail: string; readonly elapsedMs: number }
  | { readonly kind: 'timeout'; readonly detail: string; readonly elapsedMs: number }
  | { readonly kind: 'out-of-memory'; readonly detail: string; readonly elapsedMs: number }
  /** The sandbox itself did not work (no interpreter, no child process): says nothing about the program. */
  | { readonly kind: 'sandbox-error'; readonly detail: string; readonly elapsedMs: number };

/** What became of a program. Only `passed` means that control came back after its last statement. */
export type Verdict =
  | { readonly kind: 'passed'; readonly detail: string; readonly elapsedMs: number }
  | Failure;

/** What became of a function of ours that was called with untrusted text. */
export type Evaluation =
  | { readonly kind: 'value'; readonly text: string; readonly elapsedMs: number }
  | Failure;

/** Runs model-written Python, one program at a time or several. */
export interface PythonRunner {
  /** Runs an untrusted program to its end. */
  run(program: string): Promise<Verdict>;
  /**
   * Calls `main(text: str) -> str` of trusted source (ours) with untrusted text, under the locks and limits of
   * `run`: for work on model-written text that only Python can do, such as parsing it.
   */
  evaluate(source: string, input: string): Promise<Evaluation>;
}
