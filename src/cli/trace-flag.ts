import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../errors.js';

/**
 * Says early, before the work, that a file could not be written.
 *
 * @throws UsageError `TRACE_FILE`
 */
export function refuseUnwritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
    if (!existsSync(path)) return;
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
  if (statSync(path).isDirectory()) {
    throw new UsageError('TRACE_FILE', `--trace ${path}: this is a folder; name a file.`);
  }
}

/** @throws UsageError `TRACE_FILE` */
export function writeTrace(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const problem = code === 'ENOENT' ? 'there is no such folder' : `cannot be written (${code})`;
  return new UsageError('TRACE_FILE', `--trace ${path}: ${problem}.`);
}
