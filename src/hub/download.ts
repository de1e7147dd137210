import { UsageError } from '../errors.js';
import type { RepoCache } from './cache.js';
import { checkContent } from './checksum.js';
import { gaveUp, refusal } from './faults.js';
import { cacheFault } from './file-faults.js';
import type { Answer, HubHttp } from './http.js';
import { etagOf, type HubFile } from './listing.js';
import { type OpenPartial, Partial } from './partial.js';
import { fileAddress, type HubRepo, repoName } from './repo.js';
import type { HubSettings } from './settings.js';
import { type RetryPorts, Transient, withRetries } from './transient.js';

/** Bytes on one connection after which it counts as working, so that patience starts anew. */
const progressBytes = 2 ** 18;
const damagedTries = 2;

export interface DownloadPorts {
  readonly settings: HubSettings;
  readonly http: HubHttp;
  readonly retries: RetryPorts;
  readonly open: OpenPartial | undefined;
  /** Bytes of the file that are there now; goes back when a file starts again. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** The content of one file on its way into `blobs/`. */
export class Download {
  readonly #ports: DownloadPorts;
  readonly #repo: HubRepo;
  readonly #commit: string;
  readonly #file: HubFile;
  /** Of the storage's last answer: a part of another content under the same address is not asked for. */
  #validator: string | undefined;
  #asksForRange = true;
  #damaged = 0;

  constructor(repo: HubRepo, commit: string, file: HubFile, ports: DownloadPorts) {
    this.#repo = repo;
    this.#commit = commit;
    this.#file = file;
    this.#ports = ports;
  }

  /**
   * Brings the content to its place in the cache: whole, of the listed length and checksum, on the disk.
   * After a fault the bytes that have arrived stay for the next call, in this process or another.
   *
   * @throws UsageError with what to do next; whatever the signal aborts with
   */
  async run(cache: RepoCache): Promise<void> {
    const { settings, retries, open, signal } = this.#ports;
    const blobPath = cache.blobPath(etagOf(this.#file));
    let partial: Partial | undefined;
    try {
      partial = await Partial.claim(blobPath, open);
      const claimed = partial;
      await withRetries(() => this.#attempt(claimed, cache), { ...retries, signal });
    } catch (error) {
      const size = partial?.size ?? 0;
      const kept = size > 0 ? `the ${size} of ${this.#file.bytes} bytes that have arrived stay` : '';
      if (error instanceof Transient) throw gaveUp(error, this.#subject, settings, kept);
      throw cacheFault(error, settings.cacheFolder, kept);
    } finally {
      await partial?.release();
    }
  }

  get #subject() {
    return { repo: this.#repo, revision: this.#commit, path: this.#file.path };
  }

  async #attempt(partial: Partial, cache: RepoCache): Promise<void> {
    const { bytes } = this.#file;
    // Another process may have been faster, the more so after a pause.
    if (await cache.hasBlob(this.#file)) return this.#ports.onBytes(bytes);
    if (partial.size > bytes) await partial.reset();
    this.#ports.onBytes(partial.size);
    if (partial.size < bytes) await this.#fetchRest(partial);
    await this.#verify(partial);
    await partial.commit();
  }

  async #fetchRest(partial: Partial): Promise<void> {
    const { settings, http, signal } = this.#ports;
    const start = this.#asksForRange ? partial.size : 0;
    const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
    if (start > 0 && this.#validator !== undefined) headers['if-range'] = this.#validator;
    const address = fileAddress(settings.endpoint, this.#repo, this.#commit, this.#file.path);
    const answer = await http.get(address, headers, signal);
    try {
      await this.#prepare(answer, start, partial);
    } catch (error) {
      await answer.discard();
      throw error;
    }
    await this.#write(answer, partial);
  }

  /** Throws unless the answer continues the file at its present length. */
  async #prepare(answer: Answer, start: number, partial: Partial): Promise<void> {
    const { status, headers } = answer;
    this.#refuseOtherContent(answer);
    if (status === 206) {
      const [, from, total] = headers.get('content-range')?.match(/^bytes (\d+)-\d+\/(\d+|\*)$/) ?? [];
      const fits = Number(from) === start && (total === '*' || Number(total) === this.#file.bytes);
      if (start === 0 || !fits || isPacked(headers)) {
        this.#asksForRange = false;
        await this.#startAgain(partial, 'another part than the one asked for came');
      }
    } else if (status === 416) {
      this.#asksForRange = false;
      await this.#startAgain(partial, 'the rest of the file is refused (416)');
    } else if (status === 200) {
      // The whole file, whatever was asked for: the server knows no ranges, or the content is another one.
      if (partial.size > 0) await partial.reset();
      const length = headers.get('content-length');
      if (length !== null && !isPacked(headers) && Number(length) !== this.#file.bytes) {
        await this.#startAgain(
          partial,
          `${length} bytes are offered, ${this.#file.bytes} are listed`,
          'HUB_LENGTH',
        );
      }
    } else {
      throw refusal(answer, this.#subject, this.#ports.settings);
    }
    const validator = headers.get('etag');
    this.#validator = validator?.startsWith('"') ? validator : undefined;
  }

  async #write(answer: Answer, partial: Partial): Promise<void> {
    const { bytes } = this.#file;
    const start = partial.size;
    try {
      for await (const chunk of answer.chunks()) {
        if (partial.size + chunk.length > bytes) {
          await this.#startAgain(partial, `more than the ${bytes} listed bytes came`, 'HUB_LENGTH');
        }
        await partial.append(chunk);
        this.#ports.onBytes(partial.size);
      }
      if (partial.size < bytes) throw new Transient('dropped', `${answer.host}: the answer ends too early`);
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      const progressed = error.progressed || partial.size - start >= progressBytes;
      throw new Transient(error.kind, error.message, { waitMs: error.waitMs, progressed });
    }
  }

  /** A hub names the content in its own answer: X-Linked-ETag for LFS files, else ETag. */
  #refuseOtherContent({ hubHeaders, status }: Answer): void {
    const name = hubHeaders.get('x-linked-etag') ?? hubHeaders.get('etag') ?? '';
    const etag = name.replace(/^W\//, '').replaceAll('"', '');
    const expected = etagOf(this.#file);
    const isOther = /^[0-9a-f]+$/.test(etag) && etag.length === expected.length && etag !== expected;
    if (status < 400 && isOther) throw this.#damage(`it names the content ${etag}, its listing ${expected}`);
  }

  async #verify(partial: Partial): Promise<void> {
    await partial.sync();
    // The file on the disk counts, not what went by: a part of it may be from an earlier process.
    const { isRight, found } = await checkContent(this.#file, partial.path, this.#ports.signal);
    if (isRight) return;
    await this.#startAgain(partial, `${this.#file.path} has ${found}, its listing ${etagOf(this.#file)}`);
  }

  /** Drops what is there and has the whole file fetched once more; the second time that is of no use. */
  async #startAgain(partial: Partial, what: string, code = 'HUB_CHECKSUM'): Promise<never> {
    await partial.reset();
    this.#ports.onBytes(0);
    this.#validator = undefined;
    if (++this.#damaged >= damagedTries) throw this.#damage(what, code);
    throw new Transient('dropped', what, { waitMs: 0 });
  }

  #damage(what: string, code = 'HUB_CHECKSUM'): UsageError {
    return new UsageError(
      code,
      `What ${this.#ports.settings.endpoint} sends for ${this.#file.path} of the ` +
        `${repoName(this.#repo)} is not the file that it lists: ${what}; try again later, or set ` +
        'HF_ENDPOINT to another hub (wrong bytes are not kept).',
    );
  }
}

function isPacked(headers: Headers): boolean {
  return !/^(identity)?$/i.test(headers.get('content-encoding') ?? '');
}
