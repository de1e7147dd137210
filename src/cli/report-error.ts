import { DecodingError, InterruptedError } from '../decoding/errors.js';
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
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  complain('this is a bug; please report it with the lines above and the command that you typed.');
  return 70;
}

function complain(message: string): void {
  process.stderr.write(`${styled('red', 'repro:', process.stderr)} ${message}\n`);
}
