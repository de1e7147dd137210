import { InterruptedError } from '../decoding/errors.js';
import { type Hub, openHub } from '../hub/hub.js';
import type { PullEvent } from '../hub/progress.js';
import { hubSettings } from '../hub/settings.js';
import type { Clock } from '../measure/clock.js';
import { withInterrupt } from './interrupt.js';

const redrawMs = 200;
const lineEveryMs = 5000;

/** Shows how far a pull is: one line that is drawn anew on a terminal, else a line now and then. */
export class PullProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #clock: Clock;
  #name = '';
  #lastMs = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /**
   * Shows work under a name. Ctrl-C stops it in order: what is done stays, and the same command goes on from there.
   *
   * @throws InterruptedError after an interruption
   */
  during<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.begin(name);
    return withInterrupt((signal) =>
      work(signal).catch((error: unknown) => {
        throw signal.aborted ? new InterruptedError() : error;
      }),
    ).finally(() => this.end());
  }

  /** How far work is that is no download. */
  showBytes(path: string, done: number, total: number): void {
    this.show({ kind: 'bytes', path, fileDone: done, fileTotal: total, allDone: done, allTotal: total });
  }

  /** What the next events belong to. */
  begin(name: string): void {
    this.#name = name;
    this.#lastMs = this.#clock();
  }

  show(event: PullEvent): void {
    switch (event.kind) {
      case 'bytes': {
        const { path, allDone, allTotal } = event;
        const share = allTotal === 0 ? 100 : Math.floor((100 * allDone) / allTotal);
        this.#draw(`${this.#name}: ${mebibytes(allDone)} of ${mebibytes(allTotal)} (${share} %), ${path}`);
        break;
      }
      case 'file':
        break;
      case 'retry':
        this.end();
        this.#stream.write(`repro: ${this.#name}: ${retryText(event)}\n`);
        break;
    }
  }

  /** Ends the redrawn line. */
  end(): void {
    if (this.#drawn) this.#stream.write('\n');
    this.#drawn = false;
  }

  #draw(text: string): void {
    const now = this.#clock();
    const { isTTY } = this.#stream;
    if (now - this.#lastMs < (isTTY ? redrawMs : lineEveryMs)) return;
    this.#lastMs = now;
    this.#stream.write(
      isTTY ? `\r\u001b[K${text.slice(0, Math.max(20, this.#stream.columns - 1))}` : `${text}\n`,
    );
    this.#drawn = isTTY;
  }
}

function retryText(event: Extract<PullEvent, { kind: 'retry' }>): string {
  const { path, waitMs, reason } = event;
  const what = path === undefined ? 'the hub' : path;
  return `${what}: ${reason}; again in ${Math.ceil(waitMs / 1000)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** The hub of the environment, whose pulls are shown. @throws UsageError as `hubSettings` */
export function shownHub(progress: PullProgress): Hub {
  return openHub(hubSettings(), {
    fetch: globalThis.fetch,
    onProgress: (event) => progress.show(event),
  });
}
