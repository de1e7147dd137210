import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { HubFile } from './listing.js';

export interface ContentCheck {
  /** Whether length and checksum are the listed ones. */
  readonly isRight: boolean;
  readonly sha256: string;
  /** The checksum that was compared: `SHA-256 ...` or `git id ...`. */
  readonly found: string;
}

/**
 * Reads a file through as it lies on the disk, in bounded memory, and compares it with its listing: by
 * SHA-256 if it is in LFS, else by git's id, which is SHA-1 over `blob <length>\0` and the content. Without
 * either, in a cache that another program wrote, its length counts.
 */
export async function checkContent(
  { bytes, sha256, blobId }: HubFile,
  path: string,
  signal?: AbortSignal,
): Promise<ContentCheck> {
  const whole = createHash('sha256');
  const git = sha256 === undefined ? createHash('sha1').update(`blob ${bytes}\0`) : undefined;
  let length = 0;
  for await (const part of createReadStream(path, { highWaterMark: 2 ** 20, signal })) {
    const chunk = part as Buffer;
    whole.update(chunk);
    git?.update(chunk);
    length += chunk.length;
  }
  const sum = whole.digest('hex');
  const gitId = git?.digest('hex');
  const isSame = gitId === undefined ? sum === sha256 : blobId === '' || gitId === blobId;
  return {
    isRight: length === bytes && isSame,
    sha256: sum,
    found: gitId === undefined ? `SHA-256 ${sum}` : `git id ${gitId}`,
  };
}
