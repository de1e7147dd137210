import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whether there is a file or folder that can be looked at. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** The name under which a file is written before it takes the place of the old one. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/** Writes a text file; a reader sees the old file or the whole new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(partialPath(path), text);
  await rename(partialPath(path), path);
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
