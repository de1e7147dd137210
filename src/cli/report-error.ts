import { DecodingError, InterruptedError } from '../decoding/errors.js';
import { EngineLostError } from '../engine/types.js';
import { UsageError } from '../errors.js';
import { styled } from './style.js';

/** Says on stderr what went wrong, as much as its kind deserves, and returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof UsageError) {
    complain(error.message);
    return error.exitCode;
  }
  if (error instanceof InterruptedError) {
    complain('interrupted.');
    return 130;
  }
  if (error instanceof DecodingError) {
    complain(`${error.message}.`);
    return 1;
  }
  if (error instanceof EngineLostError) {
    complain(`${error.message}; what a run has finished is kept: go on with the same command and --resume.`);
    return 1;
  }
  const refusal = systemRefusal(error);
  if (refusal !== undefined) {
    complain(refusal);
    return 2;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  complain('this is a bug; please report it with the lines above and the command that you typed.');
  return 70;
}

const refusals: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EIO: 'the device reports an error',
};

/** What the system refused in the middle of the work, which is no bug of ours. */
function systemRefusal(error: unknown): string | undefined {
  const { code = '', path, syscall = 'write' } = error as NodeJS.ErrnoException;
  const why = error instanceof Error ? refusals[code] : undefined;
  if (why === undefined) return undefined;
  const where = path === undefined ? 'a file' : path;
  return `cannot ${syscall} ${where}: ${why} (${code}); mend that, then go on with the same command and --resume.`;
}

export function complain(message: string): void {
  process.stderr.write(`${styled('red', 'repro:', process.stderr)} ${message}\n`);
}
