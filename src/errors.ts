/**
 * An error that the user can fix. The CLI prints its message as one sentence, without a stack, and exits
 * with 2 (or `exitCode`). Say what is wrong, where, and what to type next.
 */
export class UsageError extends Error {
  /** Stable, upper-case, for scripts and tests: `CONFIG_UNKNOWN_KEY`, `SAFETENSORS_TRUNCATED`, ... */
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, exitCode = 2) {
    super(message);
    this.name = 'UsageError';
    this.code = code;
    this.exitCode = exitCode;
  }
}
