import { open, rename } from 'node:fs/promises';
import { partialPath } from '../files.js';
import { bytesPerElement, type Dtype, elementCount } from './dtypes.js';
import { lengthPrefixBytes } from './header.js';

/** A tensor to write: little-endian, row-major bytes. */
export interface TensorData {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * The length prefix and the JSON header, padded with blanks so that the data starts at a multiple of eight.
 *
 * @throws RangeError if a tensor's bytes do not fit its shape, or a name comes twice.
 */
export function encodeHeader(
  tensors: readonly TensorData[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) entries.set('__metadata__', metadata);
  let offset = 0;
  for (const { name, dtype, shape, data } of tensors) {
    if (entries.has(name)) throw new RangeError(`two tensors are called "${name}"`);
    if (data.length !== elementCount(shape) * bytesPerElement(dtype)) {
      throw new RangeError(
        `tensor "${name}": ${data.length} bytes do not fit ${dtype} [${shape.join(', ')}]`,
      );
    }
    entries.set(name, { dtype, shape, data_offsets: [offset, offset + data.length] });
    offset += data.length;
  }
  // Not an object literal: integer-like names would move to the front.
  const fields = [...entries].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthPrefixBytes + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, lengthPrefixBytes);
  return bytes;
}

/** Writes a .safetensors file with the tensors in the order given; a reader sees the old file or the whole new one. */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorData[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header = encodeHeader(tensors, metadata);
  const partial = partialPath(path);
  const handle = await open(partial, 'w');
  try {
    await handle.writeFile(header);
    for (const { data } of tensors) await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, path);
}
