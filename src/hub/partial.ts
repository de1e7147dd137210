import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../formats/files.js';
import { hostTag, isRunning, ownerTag } from '../formats/partials.js';
import { syncFolder } from './cache.js';
import { Transient } from './transient.js';

/** What is used of Node's FileHandle. */
export interface PartialHandle {
  write(
    chunk: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  stat(): Promise<{ readonly size: number; readonly mtimeMs: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenPartial = (path: string, flags: 'wx+' | 'r+') => Promise<PartialHandle>;

/** With this idle time, by the clock of the file system, the owner on another machine counts as gone. */
const abandonedMs = 15 * 60_000;
/** Names that this process writes to now. */
const ownNames = new Set<string>();

/**
 * A file of `blobs/` that is not whole yet.
 *
 * Each download writes to a name of its own, `<etag>.<host>-<process>-<random>.incomplete`, and takes the
 * place of the blob by a rename: so two processes never write to one file, and no lock is needed, which Node
 * has not got and which network file systems often grant to everybody. The price is that two processes that
 * pull the same file at once both fetch it. A download that fails leaves its bytes as `<etag>.incomplete`;
 * the next one takes that name, or that of a process that is dead, over by a rename, which only one can win.
 */
export class Partial {
  readonly #blobPath: string;
  readonly #path: string;
  readonly #open: OpenPartial;
  #handle: PartialHandle | undefined;
  #size = 0;

  private constructor(blobPath: string, openFile: OpenPartial) {
    this.#blobPath = blobPath;
    this.#path = `${blobPath}.${ownerTag()}.incomplete`;
    this.#open = openFile;
  }

  /** A file for the content that is to lie at `blobPath`, with the bytes that an earlier download left. */
  static async claim(blobPath: string, openFile: OpenPartial = open): Promise<Partial> {
    const partial = new Partial(blobPath, openFile);
    ownNames.add(basename(partial.#path));
    try {
      await makeFolders(dirname(blobPath));
      await partial.#start('wx+');
      const { mtimeMs } = await partial.#handle!.stat();
      for (const left of await leftBehind(blobPath, mtimeMs)) await partial.#takeOver(left);
      return partial;
    } catch (error) {
      await partial.release();
      throw error;
    }
  }

  /** Bytes that are there. */
  get size(): number {
    return this.#size;
  }

  /** The file as it lies on the disk, for reading. */
  get path(): string {
    return this.#path;
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#handle!.write(chunk, done, chunk.length - done, this.#size);
      done += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** Starts again with an empty file; a new one, in case that another process took the old one over. */
  async reset(): Promise<void> {
    await this.#close();
    await rm(this.#path, { force: true });
    await this.#start('wx+');
  }

  async sync(): Promise<void> {
    await this.#handle!.sync();
  }

  /**
   * Makes this the blob, and removes what dead processes left of it. Call it with verified content only.
   *
   * @throws Transient when another process took the file over
   */
  async commit(): Promise<void> {
    await this.sync();
    await this.#close();
    try {
      await rename(this.#path, this.#blobPath);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await this.#start('wx+');
      throw new Transient('dropped', 'another process took the file over');
    }
    ownNames.delete(basename(this.#path));
    await syncFolder(dirname(this.#blobPath));
    const { mtimeMs } = await stat(this.#blobPath);
    for (const { path } of await leftBehind(this.#blobPath, mtimeMs)) await rm(path, { force: true });
  }

  /** Leaves the bytes for a later download. Does nothing after `commit`. */
  async release(): Promise<void> {
    const isOwn = ownNames.delete(basename(this.#path));
    await this.#close().catch(() => {});
    if (!isOwn) return;
    // What cannot be kept is only downloaded again.
    const shared = `${this.#blobPath}.incomplete`;
    const other = await stat(shared).catch(() => undefined);
    const keep = this.#size > 0 && this.#size > (other?.size ?? 0);
    await (keep ? rename(this.#path, shared) : rm(this.#path, { force: true })).catch(() => {});
  }

  async #start(flags: 'wx+' | 'r+'): Promise<void> {
    this.#handle = await this.#open(this.#path, flags);
    this.#size = flags === 'wx+' ? 0 : (await this.#handle.stat()).size;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #takeOver({ path, size }: LeftBehind): Promise<void> {
    // The longest comes first; shorter ones hold nothing more.
    if (size <= this.#size) return rm(path, { force: true });
    try {
      await rename(path, this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await this.#close();
    await this.#start('r+');
  }
}

/** Bytes of a blob that are there already, from a download that was interrupted. */
export async function bytesLeftBehind(blobPath: string): Promise<number> {
  const folder = await stat(dirname(blobPath)).catch(() => undefined);
  if (folder === undefined) return 0;
  const [longest] = await leftBehind(blobPath, folder.mtimeMs);
  return longest?.size ?? 0;
}

interface LeftBehind {
  readonly path: string;
  readonly size: number;
}

/** Files for one blob that nobody writes to any more, longest first. */
async function leftBehind(blobPath: string, nowMs: number): Promise<LeftBehind[]> {
  const folder = dirname(blobPath);
  const etag = basename(blobPath);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${etag}.`));
  const found = await Promise.all(
    names.map(async (name): Promise<LeftBehind[]> => {
      const rest = name.slice(etag.length);
      const owner = rest.match(/^\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.incomplete$/);
      if (rest !== '.incomplete' && owner === null) return [];
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats === undefined || ownNames.has(name)) return [];
      const isIdle = nowMs - stats.mtimeMs > abandonedMs;
      // A name of this process that it does not know is an old one.
      const isDead =
        owner?.[1] === hostTag && (Number(owner[2]) === process.pid || !isRunning(Number(owner[2])));
      return owner === null || isDead || isIdle ? [{ path, size: stats.size }] : [];
    }),
  );
  return found.flat().sort((a, b) => b.size - a.size);
}
