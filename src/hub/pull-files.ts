import { rm } from 'node:fs/promises';
import pLimit from 'p-limit';
import { byteSize } from '../counted.js';
import { UsageError } from '../errors.js';
import type { RepoCache } from './cache.js';
import { checkContent } from './checksum.js';
import { Download } from './download.js';
import { localFiles } from './faults.js';
import { cacheFault } from './file-faults.js';
import type { HubHttp } from './http.js';
import { etagOf, type HubFile } from './listing.js';
import { bytesLeftBehind, type OpenPartial } from './partial.js';
import { type OnPull, PullTally } from './progress.js';
import { type HubRepo, repoName } from './repo.js';
import type { HubSettings } from './settings.js';
import type { Sleep } from './transient.js';

/** A file in the cache. */
export interface PulledFile {
  /** In the repository, with `/`. */
  readonly path: string;
  readonly localPath: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface PullPorts {
  readonly settings: HubSettings;
  readonly http: HubHttp;
  readonly sleep: Sleep;
  readonly open: OpenPartial | undefined;
  readonly freeBytes: (dir: string) => Promise<number>;
  readonly onProgress: OnPull;
}

interface PullRun {
  readonly concurrency: number;
  readonly verify: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Brings chosen files of one commit into the cache. */
export class PullFiles {
  readonly #repo: HubRepo;
  readonly #commit: string;
  readonly #cache: RepoCache;
  readonly #ports: PullPorts;

  constructor(repo: HubRepo, commit: string, cache: RepoCache, ports: PullPorts) {
    this.#repo = repo;
    this.#commit = commit;
    this.#cache = cache;
    this.#ports = ports;
  }

  /** Ends with the first fault, after the other downloads have stopped and kept what they had. */
  async run(files: readonly HubFile[], { concurrency, verify, signal }: PullRun): Promise<PulledFile[]> {
    if (!this.#ports.settings.offline) await this.#refuseSmallDisk(files);
    const tally = new PullTally(files, this.#ports.onProgress);
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
    // Offline one after the other: so the file that a message names is the first one that is missing.
    const limit = pLimit(this.#ports.settings.offline ? 1 : concurrency);
    const work = [...groupByContent(files)].map((same) =>
      limit(async () => {
        either.throwIfAborted();
        return this.#bring(same, tally, verify, either);
      }).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    const settled = await Promise.allSettled(work);
    // The reason of the first: the others only followed it.
    either.throwIfAborted();
    const pulled = settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const order = new Map(files.map(({ path }, i) => [path, i]));
    return pulled.sort((a, b) => order.get(a.path)! - order.get(b.path)!);
  }

  /** @throws UsageError `HUB_DISK_FULL` where what is missing has no room */
  async #refuseSmallDisk(files: readonly HubFile[]): Promise<void> {
    const missing = [...groupByContent(files)].map(async ([file]) => {
      if (await this.#cache.hasBlob(file!)) return 0;
      return Math.max(0, file!.bytes - (await bytesLeftBehind(this.#cache.blobPath(etagOf(file!)))));
    });
    const needed = (await Promise.all(missing)).reduce((sum, bytes) => sum + bytes, 0);
    const { settings, freeBytes } = this.#ports;
    if (needed === 0) return;
    const free = await freeBytes(settings.cacheFolder);
    if (free >= needed) return;
    throw new UsageError(
      'HUB_DISK_FULL',
      `${byteSize(needed)} of the ${repoName(this.#repo)} are still to come, and ${settings.cacheFolder} has ` +
        `${byteSize(free)} free; make room and run it again, or set HF_HUB_CACHE to a folder on a larger disk.`,
    );
  }

  /** Files of one content: it is downloaded once. */
  async #bring(
    same: readonly HubFile[],
    tally: PullTally,
    verify: boolean,
    signal: AbortSignal,
  ): Promise<PulledFile[]> {
    try {
      const isThere = await Promise.all(same.map((file) => this.#cache.has(this.#commit, file)));
      const cached = isThere.every(Boolean) ? await this.#checked(same, verify, signal) : undefined;
      const { sha256, wasCached } =
        cached === undefined
          ? await this.#fetch(same, tally, verify, signal)
          : { sha256: cached, wasCached: true };
      for (const file of same) tally.finish(file, wasCached);
      return same.map(({ path, bytes }) => ({
        path,
        localPath: this.#cache.filePath(this.#commit, path),
        bytes,
        sha256,
      }));
    } catch (error) {
      throw cacheFault(error, this.#ports.settings.cacheFolder);
    }
  }

  /** Downloads a content unless it is there, and puts it under its names. */
  async #fetch(
    same: readonly HubFile[],
    tally: PullTally,
    verify: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly sha256: string; readonly wasCached: boolean }> {
    const first = same[0]!;
    const blob = this.#cache.blobPath(etagOf(first));
    const { settings, http, sleep, open, onProgress } = this.#ports;
    const isThere = await this.#cache.hasBlob(first);
    const isWhole = isThere && (await this.#sha256(first, blob, verify, signal)) !== undefined;
    if (!isWhole) {
      if (settings.offline) throw this.#missing(first);
      // A damaged one would be taken for the work of another process.
      if (isThere) await rm(blob, { force: true });
      const download = new Download(this.#repo, this.#commit, first, {
        settings,
        http,
        open,
        signal,
        retries: { sleep, onRetry: (retry) => onProgress({ kind: 'retry', path: first.path, ...retry }) },
        onBytes: (bytes) => tally.set(first, bytes),
      });
      await download.run(this.#cache);
    }
    for (const file of same) await this.#cache.link(this.#commit, file);
    const sha256 = first.sha256 ?? (await checkContent(first, blob, signal)).sha256;
    return { sha256, wasCached: isWhole };
  }

  /** SHA-256 of a content under all its names, or undefined if one of them holds something else. */
  async #checked(
    same: readonly HubFile[],
    verify: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const sums = same.map((file) =>
      this.#sha256(file, this.#cache.filePath(this.#commit, file.path), verify, signal),
    );
    const [sum, ...others] = new Set(await Promise.all(sums));
    return others.length === 0 ? sum : undefined;
  }

  /** SHA-256 of a file of the right length, or undefined if its content is wrong. */
  async #sha256(
    file: HubFile,
    path: string,
    verify: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    // Large files carry it as their name; small ones are read through each time.
    if (file.sha256 !== undefined && !verify) return file.sha256;
    const { isRight, sha256 } = await checkContent(file, path, signal);
    return isRight ? sha256 : undefined;
  }

  #missing({ path }: HubFile): UsageError {
    return new UsageError(
      'HUB_OFFLINE',
      `HF_HUB_OFFLINE is set and the cache ${this.#ports.settings.cacheFolder} does not hold ${path} of ` +
        `the ${repoName(this.#repo)} whole; unset HF_HUB_OFFLINE to download it, or ` +
        `${localFiles(this.#repo)}.`,
    );
  }
}

function groupByContent(files: readonly HubFile[]): Iterable<HubFile[]> {
  const groups = new Map<string, HubFile[]>();
  for (const file of files) {
    const etag = etagOf(file) || file.path;
    groups.set(etag, [...(groups.get(etag) ?? []), file]);
  }
  return groups.values();
}
