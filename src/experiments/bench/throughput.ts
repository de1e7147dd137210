import { InterruptedError } from '../../decoding/errors.js';
import { openBatched } from '../../engine/batched.js';
import type { Clock } from '../../measure/clock.js';
import { processMemory } from '../../measure/process-memory.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import { median } from '../../stats/summary.js';
import { benchPrompt } from '../passes/bench-prompt.js';

/** Full passes over a number of canvases at once. */
export interface ThroughputPoint {
  /** Canvases of a pass. */
  readonly batch: number;
  readonly passes: number;
  /** Of a pass, over all its canvases. */
  readonly medianMs: number;
  readonly canvasesPerSecond: number;
  /** Canvases per second over those of one at a time, median of the rounds. */
  readonly ratio: number;
  /** Of the process after the passes; null where the system does not tell. */
  readonly anonymousBytes: number | null;
}

export interface ThroughputCase {
  readonly promptLength: number;
  readonly genLength: number;
  /** Rows that are predicted on each canvas: those of one block. */
  readonly blockLength: number;
  /** Canvases of a pass; 1 is measured beside them. */
  readonly batches: readonly number[];
  readonly rounds: number;
  readonly threads: number;
}

/**
 * Throughput mode: how many full passes of `vanilla` the model makes in a second where several canvases share a pass.
 * The papers' tokens per second are of one sample at a time, so this stands apart from them. All sizes take turns.
 *
 * @throws InterruptedError if the signal aborts; Error if a canvas is predicted otherwise among others than alone.
 */
export async function measureThroughput(
  checkpoint: Checkpoint,
  { promptLength, genLength, blockLength, batches, rounds, threads }: ThroughputCase,
  clock: Clock,
  signal: AbortSignal,
): Promise<ThroughputPoint[]> {
  const { dimensions } = checkpoint;
  const sizes = [...new Set([1, ...batches])].sort((a, b) => a - b);
  const prompt = benchPrompt(promptLength, dimensions);
  const canvases = Array.from({ length: sizes.at(-1)! }, (_, i) => {
    const canvas = new Int32Array(promptLength + genLength).fill(dimensions.maskId);
    // Each another one, by turning the same tokens.
    canvas.set(prompt.map((_, at) => prompt[(at + i) % promptLength]!));
    return canvas;
  });
  const first = promptLength - (dimensions.predictsNext ? 1 : 0);
  const headRows = Int32Array.from({ length: blockLength }, (_, i) => first + i);
  const passes = await openBatched(checkpoint, threads);
  try {
    const alone = (await passes.run(canvases.slice(0, 1), headRows))[0]!;
    const times = new Map(sizes.map((size) => [size, [] as number[]]));
    for (let round = -1; round < rounds; round++) {
      for (const size of sizes) {
        if (signal.aborted) throw new InterruptedError();
        const started = clock();
        const [together] = await passes.run(canvases.slice(0, size), headRows);
        if (round >= 0) times.get(size)!.push(clock() - started);
        const differs = together!.p1.some((p, i) => Math.abs(p - alone.p1[i]!) > 1e-4);
        if (differs) throw new Error(`a canvas is predicted otherwise among ${size} than alone`);
      }
    }
    const { anonymousBytes } = await processMemory();
    const one = times.get(1)!;
    return sizes.map((batch) => {
      const own = times.get(batch)!;
      const medianMs = median(own);
      return {
        ...{ batch, passes: own.length, medianMs, anonymousBytes },
        canvasesPerSecond: (1000 * batch) / medianMs,
        ratio: median(own.map((ms, round) => (one[round]! * batch) / ms)),
      };
    });
  } finally {
    await passes.close();
  }
}
