import { didYouMean } from '../suggest.js';
import type { HubFile } from './listing.js';

/** Which files of a commit: a test of the path, or the paths, all of which must be there. */
export type Selection = ((path: string) => boolean) | readonly string[];

/**
 * The files that are wanted, in the order of the listing.
 *
 * @param missing the error for a named path that the listing lacks, with a hint at one that is like it
 */
export function selectFiles(
  files: readonly HubFile[],
  selection: Selection,
  missing: (path: string, didYouMean: string) => Error,
): HubFile[] {
  if (typeof selection === 'function') return files.filter(({ path }) => selection(path));
  const paths = new Set(files.map(({ path }) => path));
  const absent = selection.find((path) => !paths.has(path));
  if (absent !== undefined) throw missing(absent, didYouMean(absent, paths));
  return files.filter(({ path }) => selection.includes(path));
}
