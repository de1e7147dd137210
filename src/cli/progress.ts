import type { RunEvent } from '../experiments/progress.js';
import type { Clock } from '../measure/clock.js';
import { longCanvasesText } from '../results/long-canvases.js';

/** Milliseconds between lines where the stream is no terminal. */
const lineEveryMs = 15_000;

/** Shows a run on stderr: one redrawn line on a terminal, else a line now and then. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #clock: Clock;
  #lastLineMs = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  show(event: RunEvent): void {
    switch (event.kind) {
      case 'resumed':
        this.#note(`resuming: ${event.done} of ${event.total} samples are done`);
        if (event.repairedBytes > 0) this.#note(`cut off a torn last line of ${event.repairedBytes} bytes`);
        break;
      case 'warm-up':
        this.#draw(`warming up ${event.method} (${event.index + 1}/${event.of})`, false);
        break;
      case 'workers':
        this.#note(
          event.device === 'cpu'
            ? `the free memory is enough for ${event.workers} of ${event.wanted} workers`
            : `a GPU runs one sample at a time: ${event.workers} of ${event.wanted} workers`,
        );
        break;
      case 'notice':
        this.#note(event.text);
        break;
      case 'long-canvases':
        this.#note(longCanvasesText(event));
        break;
      case 'sample': {
        const { cell, done, total, cellDone, cellTotal, error } = event;
        if (error !== null) this.#note(`${cell}: sample failed: ${error}`);
        const share = Math.floor((100 * done) / total);
        const text = `${done}/${total} samples (${share} %)${about(event.remainingMs)}`;
        this.#draw(
          `${text}; ${cell} ${cellDone}/${cellTotal}${about(event.cellRemainingMs)}`,
          done === total,
        );
        break;
      }
      case 'round': {
        const { round, pending, cells, budgetLeftMs } = event;
        const text = `timing round ${round}: ${pending} of ${cells} cells not yet precise`;
        this.#draw(`${text}, at most ${duration(budgetLeftMs)} left`, false);
        break;
      }
      case 'repeats-end': {
        const { model, imprecise, cells, differing } = event;
        this.end();
        if (imprecise > 0)
          this.#note(
            `${model}: the speed of ${imprecise} of ${cells} cells is not known to the precision asked for; --time-budget gives more time`,
          );
        if (differing > 0)
          this.#note(`${model}: ${differing} repeats gave other tokens than the first decoding`);
        break;
      }
      case 'drift': {
        const percent = Math.round(100 * event.spread);
        this.#note(
          `${event.model}: the same decoding took up to ${percent} % longer at other times of the run: speeds are uncertain`,
        );
        break;
      }
    }
  }

  /** Ends the redrawn line. */
  end(): void {
    if (this.#drawn) this.#stream.write('\n');
    this.#drawn = false;
  }

  #note(text: string): void {
    this.end();
    this.#stream.write(`repro: ${text}\n`);
  }

  #draw(text: string, last: boolean): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${text.slice(0, Math.max(20, this.#stream.columns - 1))}`);
      this.#drawn = true;
      return;
    }
    const now = this.#clock();
    if (!last && now - this.#lastLineMs < lineEveryMs) return;
    this.#lastLineMs = now;
    this.#stream.write(`${text}\n`);
  }
}

function about(ms: number | undefined): string {
  return ms === undefined ? '' : `, about ${duration(ms)} left`;
}

/** `45 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
