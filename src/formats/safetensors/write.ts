import { open } from 'node:fs/promises';
import { intoPlace } from '../files.js';
import { bytesPerElement, type Dtype, elementCount } from './dtypes.js';
import { lengthPrefixBytes } from './header.js';

/** What the header says of a tensor. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** A tensor to write: little-endian, row-major bytes. */
export interface TensorData extends TensorInfo {
  readonly data: Uint8Array;
}

/**
 * The length prefix and the JSON header, padded with blanks so that the data starts at a multiple of eight.
 *
 * @throws RangeError if a name comes twice.
 */
export function encodeHeader(
  tensors: readonly TensorInfo[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) entries.set('__metadata__', metadata);
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    if (entries.has(name)) throw new RangeError(`two tensors are called "${name}"`);
    const end = offset + elementCount(shape) * bytesPerElement(dtype);
    entries.set(name, { dtype, shape, data_offsets: [offset, end] });
    offset = end;
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

/**
 * Writes a .safetensors file with the tensors in the order given; a reader sees the old file or the whole new one.
 *
 * @throws RangeError if a tensor's bytes do not fit its shape, or a name comes twice.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorData[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const { name, dtype, shape, data } of tensors) {
    if (data.length === elementCount(shape) * bytesPerElement(dtype)) continue;
    throw new RangeError(`tensor "${name}": ${data.length} bytes do not fit ${dtype} [${shape.join(', ')}]`);
  }
  const header = encodeHeader(tensors, metadata);
  await intoPlace(path, async (partial) => {
    const handle = await open(partial, 'w');
    try {
      await handle.writeFile(header);
      for (const { data } of tensors) await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}
