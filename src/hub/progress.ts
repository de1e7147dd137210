import type { HubFile } from './listing.js';
import type { Retry } from './transient.js';

/** What a pull tells while it runs; lengths in bytes. */
export type PullEvent =
  | {
      readonly kind: 'bytes';
      readonly path: string;
      readonly fileDone: number;
      readonly fileTotal: number;
      /** Over all files of the pull, those that were in the cache already included. */
      readonly allDone: number;
      readonly allTotal: number;
    }
  /** A file is whole and in its place. */
  | { readonly kind: 'file'; readonly path: string; readonly wasCached: boolean }
  | ({ readonly kind: 'retry'; readonly path: string | undefined } & Retry);

export type OnPull = (event: PullEvent) => void;

/** Bytes between two events of one file: as often as anybody can read. */
const stepBytes = 2 ** 18;

/** Adds up what the downloads of a pull report. */
export class PullTally {
  readonly #tell: OnPull;
  readonly #total: number;
  readonly #done = new Map<string, number>();
  readonly #told = new Map<string, number>();
  #sum = 0;

  constructor(files: readonly HubFile[], tell: OnPull) {
    this.#tell = tell;
    this.#total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Sets how much of a file is there. */
  set({ path, bytes }: HubFile, done: number): void {
    this.#sum += done - (this.#done.get(path) ?? 0);
    this.#done.set(path, done);
    const step = Math.abs(done - (this.#told.get(path) ?? 0));
    if (step === 0 || (step < stepBytes && done !== bytes)) return;
    this.#told.set(path, done);
    this.#tell({
      kind: 'bytes',
      path,
      fileDone: done,
      fileTotal: bytes,
      allDone: this.#sum,
      allTotal: this.#total,
    });
  }

  /** A file is in its place. */
  finish(file: HubFile, wasCached: boolean): void {
    this.set(file, file.bytes);
    this.#tell({ kind: 'file', path: file.path, wasCached });
  }
}
