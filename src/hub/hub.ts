import { setTimeout as pause } from 'node:timers/promises';
import { UsageError } from '../errors.js';
import { freeBytes } from '../formats/files.js';
import { HubApi } from './api.js';
import { type MakeLink, RepoCache } from './cache.js';
import { localFiles, noFile } from './faults.js';
import { cacheFault } from './file-faults.js';
import { type Fetch, HubHttp } from './http.js';
import type { HubFile } from './listing.js';
import type { OpenPartial } from './partial.js';
import type { OnPull } from './progress.js';
import { type PulledFile, PullFiles } from './pull-files.js';
import { checkRevision, type HubRepo, isCommit, repoName, staysInside } from './repo.js';
import { type Selection, selectFiles } from './select.js';
import type { HubSettings } from './settings.js';
import type { Sleep } from './transient.js';
import { readTree, writeTree } from './tree-cache.js';

/** What the hub uses of the world around it. */
export interface HubPorts {
  readonly fetch: Fetch;
  readonly sleep?: Sleep;
  /** Opens the files that are being downloaded. */
  readonly open?: OpenPartial;
  readonly makeLink?: MakeLink;
  readonly onProgress?: OnPull;
  /** Bytes that may still be written into a folder. */
  readonly freeBytes?: (dir: string) => Promise<number>;
  /** Milliseconds without a byte after which a connection counts as dropped. */
  readonly stallMs?: number;
}

export interface PullOptions {
  /** A branch, a tag or a commit. */
  readonly revision: string;
  readonly select: Selection;
  /** Files at once. */
  readonly concurrency?: number;
  /**
   * Reads all files through and compares their checksums, those in the cache too; else their lengths count.
   */
  readonly verify?: boolean;
  /** Stops the pull; what has arrived stays. */
  readonly signal?: AbortSignal;
}

export interface Pulled {
  /** What the revision stood for: to be recorded. */
  readonly commit: string;
  /** Folder of the commit in the cache. */
  readonly folder: string;
  readonly files: readonly PulledFile[];
}

const defaultConcurrency = 4;
const defaultStallMs = 60_000;

/** A client for the files of models and data sets on a Hugging Face hub. */
export function openHub(settings: HubSettings, ports: HubPorts): Hub {
  return new Hub(settings, ports);
}

export class Hub {
  readonly settings: HubSettings;
  readonly #ports: HubPorts;
  readonly #http: HubHttp;
  readonly #sleep: Sleep;
  readonly #api: HubApi;
  /** So that one revision means one commit for as long as this hub is open. */
  readonly #commits = new Map<string, string>();

  constructor(settings: HubSettings, ports: HubPorts) {
    this.settings = settings;
    this.#ports = ports;
    this.#http = new HubHttp(settings, { fetch: ports.fetch, stallMs: ports.stallMs ?? defaultStallMs });
    this.#sleep =
      ports.sleep ?? ((ms, signal) => pause(ms, undefined, signal === undefined ? {} : { signal }));
    this.#api = new HubApi(settings, this.#http, {
      sleep: this.#sleep,
      onRetry: (retry) => ports.onProgress?.({ kind: 'retry', path: undefined, ...retry }),
    });
  }

  /**
   * The commit that a revision stands for: itself, the one of the last pull when offline, else what the hub
   * says.
   *
   * @throws UsageError
   */
  async resolve(repo: HubRepo, revision: string, signal?: AbortSignal): Promise<string> {
    checkRevision(revision);
    if (isCommit(revision)) return revision;
    const key = `${repo.kind} ${repo.id} ${revision}`;
    const known = this.#commits.get(key);
    if (known !== undefined) return known;
    const cached = await this.#cache(repo).readRef(revision);
    const commit = this.settings.offline
      ? cached
      : await this.#api.commitOf(repo, revision, signal).catch((error: unknown) => {
          throw cached === undefined ? error : mentionCached(error, cached);
        });
    if (commit === undefined) throw this.#notCached(repo, `no revision "${revision}" of`);
    this.#commits.set(key, commit);
    return commit;
  }

  /**
   * All files of a revision. Those of a commit never change: from the cache where they are known.
   *
   * @throws UsageError
   */
  async list(repo: HubRepo, revision: string, signal?: AbortSignal): Promise<readonly HubFile[]> {
    const commit = await this.resolve(repo, revision, signal);
    return (await this.#listing(repo, commit, signal)).files;
  }

  /**
   * Brings files of a revision into the cache and says where they lie. Uses no network if all are there
   * already and the revision is a commit, or if the settings say offline.
   *
   * @throws UsageError with what to do next; whatever `signal` aborts with
   */
  async pull(repo: HubRepo, options: PullOptions): Promise<Pulled> {
    const { revision, select, concurrency = defaultConcurrency, verify = false, signal } = options;
    const cache = this.#cache(repo);
    const commit = await this.resolve(repo, revision, signal);
    const { files: listed, isWhole } = await this.#listing(repo, commit, signal);
    const wanted = selectFiles(listed, select, (path, didYouMean) =>
      isWhole ? noFile({ repo, revision, path }, didYouMean) : this.#notCached(repo, `no ${path} of`),
    );
    const pull = new PullFiles(repo, commit, cache, {
      settings: this.settings,
      http: this.#http,
      sleep: this.#sleep,
      open: this.#ports.open,
      freeBytes: this.#ports.freeBytes ?? freeBytes,
      onProgress: this.#ports.onProgress ?? (() => {}),
    });
    const files = await pull.run(wanted, { concurrency, verify, signal });
    // After the files: until then the name stands for the commit that is whole, for offline use and for
    // Python.
    if (!isCommit(revision) && !this.settings.offline)
      await this.#write(() => cache.writeRef(revision, commit));
    return { commit, folder: cache.snapshotFolder(commit), files };
  }

  /** Path of a file that is in the cache, or undefined; never asks the network. */
  async cachedFile(repo: HubRepo, revision: string, path: string): Promise<string | undefined> {
    checkRevision(revision);
    const cache = this.#cache(repo);
    const commit = isCommit(revision) ? revision : await cache.readRef(revision);
    if (commit === undefined || !staysInside(path)) return undefined;
    const files = (await readTree(cache, commit)) ?? (await cache.scan(commit));
    const file = files.find((candidate) => candidate.path === path);
    return file !== undefined && (await cache.has(commit, file)) ? cache.filePath(commit, path) : undefined;
  }

  /**
   * `isWhole` is false for what an older Python left behind, offline: there may be more files than are known.
   */
  async #listing(
    repo: HubRepo,
    commit: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly files: readonly HubFile[]; readonly isWhole: boolean }> {
    const cache = this.#cache(repo);
    const stored = await readTree(cache, commit);
    if (stored !== undefined) return { files: stored, isWhole: true };
    if (this.settings.offline) {
      const found = await cache.scan(commit);
      if (found.length === 0) throw this.#notCached(repo, `no files of the commit ${commit} of`);
      return { files: found, isWhole: false };
    }
    const files = await this.#api.filesOf(repo, commit, signal);
    await this.#write(() => writeTree(cache, commit, files));
    return { files, isWhole: true };
  }

  #cache(repo: HubRepo): RepoCache {
    return new RepoCache(this.settings.cacheFolder, repo, this.#ports.makeLink);
  }

  /** A cache that may only be read is good enough for what it holds. */
  async #write(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EROFS' && code !== 'EACCES') throw cacheFault(error, this.settings.cacheFolder);
    }
  }

  #notCached(repo: HubRepo, what: string): UsageError {
    return new UsageError(
      'HUB_OFFLINE',
      `HF_HUB_OFFLINE is set and the cache ${this.settings.cacheFolder} holds ${what} the ` +
        `${repoName(repo)}; unset HF_HUB_OFFLINE to download, or ${localFiles(repo)}.`,
    );
  }
}

/**
 * Where the hub cannot be reached but the cache has an answer, that is said: nobody gets an old one unasked.
 */
function mentionCached(error: unknown, commit: string): unknown {
  if (!(error instanceof UsageError) || error.code !== 'HUB_UNREACHABLE') return error;
  const words = error.message.replace(/\.$/, '');
  return new UsageError(
    error.code,
    `${words}; or set HF_HUB_OFFLINE=1 to take commit ${commit}, which is in the cache.`,
  );
}
