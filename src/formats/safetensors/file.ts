import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../../errors.js';
import type { Dtype } from './dtypes.js';
import { headerLength, lengthPrefixBytes, parseHeader } from './header.js';

/** A tensor that lies in a file and has not been read. */
export interface StoredTensor {
  readonly name: string;
  /** Path of the file that holds it. */
  readonly file: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, from the start of the file (not of the data). */
  readonly offset: number;
  readonly bytes: number;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly fileBytes: number;
  /** In the order of their data. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** One `read` call takes at most 2 GiB; larger tensors are read in pieces. */
const maxReadBytes = 1 << 30;

/**
 * Reads and checks the header of a .safetensors file; of the data nothing is read.
 *
 * @throws UsageError if the file is missing or damaged, naming the file and the tensor.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  return withFile(path, async (handle) => {
    const { size: fileBytes } = await handle.stat();
    const name = basename(path);
    const prefix = await readRange(handle, 0, Math.min(lengthPrefixBytes, fileBytes), name);
    const headerBytes = headerLength(prefix, fileBytes, name);
    const start = lengthPrefixBytes + headerBytes;
    const json = await readRange(handle, lengthPrefixBytes, headerBytes, name);
    const header = parseHeader(json, fileBytes - start, name);
    const tensors = new Map(
      header.tensors.map(({ name, dtype, shape, begin, end }) => [
        name,
        { name, file: path, dtype, shape, offset: start + begin, bytes: end - begin },
      ]),
    );
    return { path, fileBytes, tensors, metadata: header.metadata };
  });
}

/**
 * The bytes of one tensor, little-endian and row-major; only its own range of the file is read.
 *
 * @throws UsageError if the file has become shorter since its header was read.
 */
export async function readTensor(tensor: StoredTensor): Promise<Uint8Array> {
  return withFile(tensor.file, (handle) =>
    readRange(handle, tensor.offset, tensor.bytes, `${basename(tensor.file)}: tensor "${tensor.name}"`),
  );
}

/**
 * A part of the bytes of one tensor.
 *
 * @param start First byte, from the start of the tensor.
 * @throws UsageError as `readTensor`
 */
export async function readTensorRange(
  tensor: Pick<StoredTensor, 'file' | 'offset' | 'name'>,
  start: number,
  bytes: number,
): Promise<Uint8Array> {
  const what = `${basename(tensor.file)}: tensor "${tensor.name}"`;
  return withFile(tensor.file, (handle) => readRange(handle, tensor.offset + start, bytes, what));
}

async function withFile<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'no such file' : `the file cannot be opened (${code})`;
    throw new UsageError('SAFETENSORS_UNREADABLE', `${path}: ${reason}`);
  }
  try {
    if (!(await handle.stat()).isFile()) {
      throw new UsageError('SAFETENSORS_UNREADABLE', `${path}: not a file`);
    }
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function readRange(
  handle: FileHandle,
  offset: number,
  bytes: number,
  what: string,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes);
  for (let done = 0; done < bytes; ) {
    const length = Math.min(bytes - done, maxReadBytes);
    const { bytesRead } = await handle.read(buffer, done, length, offset + done);
    if (bytesRead === 0) {
      throw new UsageError('SAFETENSORS_TRUNCATED', `${what}: the file ends early; download it again`);
    }
    done += bytesRead;
  }
  return buffer;
}
