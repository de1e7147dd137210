import { mappedBytes, processMemory } from './process-memory.js';

/** Largest values of some time, each by itself; null where the system does not tell. */
export interface MemoryPeak {
  /** No file: could only be swapped. */
  readonly anonymousBytes: number | null;
  /** Files in RAM, which the system may drop. */
  readonly mappedBytes: number | null;
}

const nothing: MemoryPeak = { anonymousBytes: null, mappedBytes: null };

/**
 * Watches the memory of this process from the main thread, which stays free while a worker loads a model or computes: a
 * peak that is over before anybody asks is seen as well, unless it is shorter than the interval.
 */
export class PeakMemory {
  readonly #timer: NodeJS.Timeout;
  #peak = nothing;
  #reading: Promise<void> | undefined;

  private constructor(everyMs: number) {
    this.#timer = setInterval(() => void this.#read(), everyMs);
    this.#timer.unref();
  }

  static async start(everyMs = 10): Promise<PeakMemory> {
    const peak = new PeakMemory(everyMs);
    await peak.#read();
    return peak;
  }

  /** The largest values since the start or since the last call; the next ones count from now. */
  async take(): Promise<MemoryPeak> {
    await this.#read();
    const peak = this.#peak;
    this.#peak = nothing;
    await this.#read();
    return peak;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #read(): Promise<void> {
    this.#reading ??= this.#add().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #add(): Promise<void> {
    const memory = await processMemory();
    const { anonymousBytes } = memory;
    if (anonymousBytes === null) return;
    const before = this.#peak;
    this.#peak = {
      anonymousBytes: Math.max(before.anonymousBytes ?? 0, anonymousBytes),
      mappedBytes: Math.max(before.mappedBytes ?? 0, mappedBytes(memory) ?? 0),
    };
  }
}
