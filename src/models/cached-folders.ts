import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { makeFolders } from '../formats/files.js';
import { ownPartial } from '../formats/partials.js';

/** Folders of a cache that are written beside their place and appear when they are whole. */

/**
 * Makes the folder that is written into.
 * @param what The cache holds, in words.
 * @throws UsageError `CACHE_NOT_WRITABLE`
 */
export async function makePartial(what: string, cacheDir: string, partial: string): Promise<void> {
  try {
    await makeFolders(cacheDir);
    await mkdir(partial);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      'CACHE_NOT_WRITABLE',
      `cannot create the folder of ${what} ${cacheDir} (${code}); set REPRO_CACHE to another one.`,
    );
  }
}

/**
 * Gives a whole folder its name. Where another process was first, its folder stays: it holds the same, and may be in
 * use. Only a damaged one is replaced.
 */
export async function putInPlace(
  partial: string,
  target: string,
  isWhole: (folder: string) => Promise<boolean>,
): Promise<void> {
  try {
    await rename(partial, target);
  } catch (error) {
    if (await isWhole(target)) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    const damaged = ownPartial(target);
    await rename(target, damaged);
    await rm(damaged, { recursive: true, force: true });
    await rename(partial, target);
  }
}

/** Bytes of the files of a folder, by name. */
export async function sizesOf(dir: string): Promise<Record<string, number>> {
  const names = (await readdir(dir)).sort();
  const sizes = names.map(async (name) => [name, (await stat(join(dir, name))).size] as const);
  return Object.fromEntries(await Promise.all(sizes));
}

/** Whether a folder has every file in its length; contents are not read. */
export async function hasSizes(dir: string, files: Readonly<Record<string, number>>): Promise<boolean> {
  const found = await sizesOf(dir);
  return Object.entries(files).every(([name, bytes]) => found[name] === bytes);
}
