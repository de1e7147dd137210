import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UsageError } from '../../errors.js';
import { dataFormat, reasonOf } from './row.js';

const maxBytes = 256 * 2 ** 20;
const tooLarge = 'is larger than 256 MiB';
const lfsPointer = 'version https://git-lfs.github.com/spec/';

export interface DataFile {
  /** Content, unpacked where the name ends in `.gz`. */
  readonly bytes: Uint8Array;
  /** Of the file as it lies on the disk. */
  readonly sha256: string;
}

/**
 * Reads a whole data file of at most 256 MiB.
 *
 * @throws UsageError `DATA_MISSING`; `DATA_EMPTY` for 0 bytes; `DATA_FORMAT`: too large, damaged gzip, a Git LFS
 *   pointer in place of the data
 */
export async function readDataFile(path: string): Promise<DataFile> {
  const packed = await readBytes(path);
  if (packed.length === 0) throw dataEmpty(path);
  if (packed.subarray(0, lfsPointer.length).toString('latin1') === lfsPointer) {
    throw dataFormat(
      `The data file ${path}`,
      'is a Git LFS pointer, not the data',
      'run "git lfs pull" there',
    );
  }
  const sha256 = createHash('sha256').update(packed).digest('hex');
  return { bytes: /\.gz$/i.test(path) ? await unpack(packed, path) : packed, sha256 };
}

/** A data file without a row. */
export function dataEmpty(path: string): UsageError {
  return new UsageError('DATA_EMPTY', `The data file ${path} holds no rows; download it again.`);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw dataMissing(path, 'is not a file');
    if (stats.size > maxBytes) throw dataFormat(`The data file ${path}`, tooLarge, 'split it into several');
    return await readFile(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw dataMissing(path, missing ? 'does not exist' : `cannot be read (${code})`);
  }
}

function dataMissing(path: string, what: string): UsageError {
  return new UsageError(
    'DATA_MISSING',
    `The data file ${path} ${what}; check the path, or download the file.`,
  );
}

async function unpack(packed: Uint8Array, path: string): Promise<Uint8Array> {
  const where = `The data file ${path}`;
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw dataFormat(where, `${tooLarge} unpacked`, 'split it into several');
    if (code === 'Z_BUF_ERROR') throw dataFormat(where, 'is cut off (its gzip stream does not end)');
    throw dataFormat(where, `is not a whole gzip file (${reasonOf(error)})`);
  }
}
