import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../formats/json.js';
import { type RepoCache, writeShared } from './cache.js';
import { type HubFile, isHubFile, sortFiles } from './listing.js';

/** Format 1 of the file `trees/<commit>.json`, which huggingface_hub 2 reads and writes as well. */
const formatVersion = 1;

/**
 * The stored listing of a commit, which never changes: with it a cache can be known to be whole without a
 * network. Undefined if there is none or it cannot be used.
 */
export async function readTree(cache: RepoCache, commit: string): Promise<HubFile[] | undefined> {
  const tree = await readFile(treePath(cache, commit), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  if (!isJsonObject(tree) || tree.format_version !== formatVersion || !isJsonObject(tree.files))
    return undefined;
  const files = Object.entries(tree.files).map(([path, entry]) => {
    const { size, blob_id: blobId, lfs_sha256: sha256, lfs_size: lfsSize } = isJsonObject(entry) ? entry : {};
    return { path, bytes: lfsSize ?? size, sha256: sha256 ?? undefined, blobId };
  });
  return files.every(isHubFile) ? files : undefined;
}

/** Stores the whole listing of a commit. */
export async function writeTree(cache: RepoCache, commit: string, files: readonly HubFile[]): Promise<void> {
  const entries = sortFiles(files).map(({ path, bytes, sha256, blobId }) => {
    const large = sha256 === undefined ? {} : { lfs_sha256: sha256, lfs_size: bytes };
    return [path, { size: bytes, blob_id: blobId, ...large }];
  });
  const tree = { format_version: formatVersion, files: Object.fromEntries(entries) };
  await writeShared(treePath(cache, commit), JSON.stringify(tree, null, 1));
}

function treePath(cache: RepoCache, commit: string): string {
  return join(cache.folder, 'trees', `${commit}.json`);
}
