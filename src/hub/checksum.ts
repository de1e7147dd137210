import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Checksums {
  readonly bytes: number;
  readonly sha256: string;
  /** Git's object id of a file with this content: SHA-1 over `blob <length>\0` and the content. */
  readonly gitBlob: string;
}

/**
 * The checksums of a file as it lies on the disk, in bounded memory.
 *
 * @param bytes its length, which git's id covers before the content
 */
export async function checksumsOf(path: string, bytes: number, signal?: AbortSignal): Promise<Checksums> {
  const sha256 = createHash('sha256');
  const gitBlob = createHash('sha1').update(`blob ${bytes}\0`);
  let length = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal })) {
    sha256.update(chunk as Buffer);
    gitBlob.update(chunk as Buffer);
    length += (chunk as Buffer).length;
  }
  return { bytes: length, sha256: sha256.digest('hex'), gitBlob: gitBlob.digest('hex') };
}
