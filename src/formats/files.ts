import { mkdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ownPartial, removeLeftOversOf } from './partials.js';

/** Whether there is a file or folder that can be looked at. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Bytes that may still be written into a folder, which need not be there yet. */
export async function freeBytes(dir: string): Promise<number> {
  if (!(await exists(dir)) && dirname(dir) !== dir) return freeBytes(dirname(dir));
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/**
 * Writes a file; a reader sees the old one or the whole new one. A failure leaves nothing behind, and what a process
 * that was killed has left is removed.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { mode }: { readonly mode?: number } = {},
): Promise<void> {
  await intoPlace(path, (partial) => writeFile(partial, content, mode === undefined ? {} : { mode }));
}

/** Has a file or link written under a name of its own, which then takes its place; else as `writeWhole`. */
export async function intoPlace(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = ownPartial(path);
  await removeLeftOversOf(path);
  try {
    await write(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Makes a folder and those above it, one by one: Node 20's recursive mkdir never returns below /proc. Another
 * process may make them at the same time.
 */
export async function makeFolders(dir: string): Promise<void> {
  if (await exists(dir)) return;
  await makeFolders(dirname(dir));
  await mkdir(dir).catch(async (error: unknown) => {
    if (!(await exists(dir))) throw error;
  });
}
