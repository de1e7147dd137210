import { type ProcessMemory, processMemory } from './process-memory.js';

/**
 * Watches the memory of this process from the main thread, which stays free while a worker loads a model or computes: a
 * peak that is over before anybody asks is seen as well, unless it is shorter than the interval.
 */
export class PeakMemory {
  readonly #timer: NodeJS.Timeout;
  #peak: ProcessMemory = { residentBytes: 0, anonymousBytes: null };
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

  /** The largest values since the start or since the last call, each by itself; the next ones count from now. */
  async take(): Promise<ProcessMemory> {
    await this.#read();
    const peak = this.#peak;
    this.#peak = { residentBytes: 0, anonymousBytes: null };
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
    const now = await processMemory();
    const { residentBytes, anonymousBytes } = this.#peak;
    this.#peak = {
      residentBytes: Math.max(residentBytes, now.residentBytes),
      anonymousBytes:
        now.anonymousBytes === null ? anonymousBytes : Math.max(anonymousBytes ?? 0, now.anonymousBytes),
    };
  }
}
