import { UsageError } from '../errors.js';

/**
 * What a failed write into the cache means for the user; anything but an error of the file system is returned
 * as it is.
 *
 * @param kept a clause on what stays
 */
export function cacheFault(error: unknown, folder: string, kept = ''): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || typeof code !== 'string' || typeof syscall !== 'string') return error;
  const tail = kept === '' ? '' : `; ${kept}`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UsageError(
      'HUB_DISK_FULL',
      `The disk is full at ${folder} (${code}); make room and run it again, or set HF_HUB_CACHE to a ` +
        `folder on a larger disk${tail}.`,
    );
  }
  return new UsageError(
    'HUB_CACHE',
    `The cache folder ${folder} cannot be used (${code}, ${syscall}); mend it, or set HF_HUB_CACHE to a ` +
      `folder that you may write to${tail}.`,
  );
}
