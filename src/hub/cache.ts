import { copyFile, open, readdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { intoPlace, makeFolders } from '../formats/files.js';
import { etagOf, type HubFile, sortFiles } from './listing.js';
import { type HubRepo, isCommit, repoFolder, staysInside } from './repo.js';

/** Makes a symbolic link at `path`; fails where the file system or the user may not. */
export type MakeLink = (target: string, path: string) => Promise<void>;

/** One repository in the cache: the folders and files that Python's huggingface_hub reads too. */
export class RepoCache {
  readonly folder: string;
  readonly #makeLink: MakeLink;

  constructor(cacheFolder: string, repo: HubRepo, makeLink: MakeLink = symlink) {
    this.folder = join(cacheFolder, repoFolder(repo));
    this.#makeLink = makeLink;
  }

  /** Where a content lies, once it is whole. */
  blobPath(etag: string): string {
    return join(this.folder, 'blobs', etag);
  }

  snapshotFolder(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  /** Where a file of a commit is read: a link into `blobs/`. */
  filePath(commit: string, path: string): string {
    return join(this.snapshotFolder(commit), ...path.split('/'));
  }

  /** The commit that a branch or tag stood for when it was pulled last. */
  async readRef(revision: string): Promise<string | undefined> {
    const text = await readFile(this.#refPath(revision), 'utf8').catch(() => '');
    return isCommit(text.trim()) ? text.trim() : undefined;
  }

  async writeRef(revision: string, commit: string): Promise<void> {
    if ((await this.readRef(revision)) !== commit) await writeShared(this.#refPath(revision), commit);
  }

  #refPath(revision: string): string {
    return join(this.folder, 'refs', ...revision.split('/'));
  }

  /** Whether a file of a commit is there in its full length. */
  async has(commit: string, { path, bytes }: HubFile): Promise<boolean> {
    return (await sizeOf(this.filePath(commit, path))) === bytes;
  }

  /** Whether the content of a file is there in its full length. */
  async hasBlob(file: HubFile): Promise<boolean> {
    return (await sizeOf(this.blobPath(etagOf(file)))) === file.bytes;
  }

  /**
   * Puts a content under the name that it has in a commit: by a relative link, so that the cache can be
   * moved, or by a copy where the file system has no links. A reader sees nothing or the whole file.
   */
  async link(commit: string, file: HubFile): Promise<void> {
    const blob = this.blobPath(etagOf(file));
    const path = this.filePath(commit, file.path);
    const target = relative(dirname(path), blob);
    const isLinked = (await readlink(path).catch(() => '')) === target;
    if (isLinked) return;
    await makeFolders(dirname(path));
    await intoPlace(path, (partial) =>
      this.#makeLink(target, partial).catch(async () => {
        await copyFile(blob, partial);
        await syncFile(partial);
      }),
    );
  }

  /**
   * The files of a commit that are there, for caches without a stored listing: an older Python leaves none.
   */
  async scan(commit: string): Promise<HubFile[]> {
    const folder = this.snapshotFolder(commit);
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const files = names.map(async (name): Promise<HubFile[]> => {
      const path = name.split(sep).join('/');
      const stats = await stat(join(folder, name)).catch(() => undefined);
      if (!stats?.isFile() || !staysInside(path)) return [];
      const etag = (await readlink(join(folder, name)).catch(() => '')).split(/[\\/]/).at(-1)!;
      const sha256 = /^[0-9a-f]{64}$/.test(etag) ? etag : undefined;
      return [{ path, bytes: stats.size, sha256, blobId: isCommit(etag) ? etag : '' }];
    });
    return sortFiles((await Promise.all(files)).flat());
  }
}

/** Length of a file, or undefined if there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}

/** Writes a small text file that other processes may write at the same time: the last whole one stays. */
export async function writeShared(path: string, text: string): Promise<void> {
  await makeFolders(dirname(path));
  await intoPlace(path, async (partial) => {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Makes a rename or a new name in a folder last through a power cut, where the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  await syncFile(folder).catch(() => {});
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
