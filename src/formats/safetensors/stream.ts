import { type FileHandle, open } from 'node:fs/promises';
import { intoPlace } from '../files.js';
import { bytesPerElement, elementCount } from './dtypes.js';
import { encodeHeader, type TensorInfo } from './write.js';

/** Makes the little-endian, row-major bytes of a tensor piece by piece. */
export type TensorPieces = (tensor: TensorInfo) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface StreamOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes a .safetensors file whose tensors are made as they are written: memory holds one piece. A reader sees the
 * whole file or none, also after an interruption, which leaves nothing behind.
 *
 * @throws the signal's reason, and RangeError if pieces do not add up to their tensor
 */
export async function streamSafetensors(
  path: string,
  tensors: readonly TensorInfo[],
  pieces: TensorPieces,
  { metadata, signal, onBytes }: StreamOptions,
): Promise<void> {
  await intoPlace(path, async (partial) => {
    const handle = await open(partial, 'w');
    try {
      await writeAll(handle, encodeHeader(tensors, metadata));
      for (const tensor of tensors) {
        let left = tensorBytes(tensor);
        for await (const piece of pieces(tensor)) {
          signal?.throwIfAborted();
          await writeAll(handle, piece);
          left -= piece.length;
          onBytes?.(piece.length);
        }
        if (left !== 0) throw new RangeError(`tensor "${tensor.name}" lacks ${left} bytes`);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Bytes of the data of a tensor. */
export function tensorBytes({ shape, dtype }: TensorInfo): number {
  return elementCount(shape) * bytesPerElement(dtype);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done)).bytesWritten;
  }
}
