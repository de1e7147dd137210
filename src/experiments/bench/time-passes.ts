import { InterruptedError } from '../../decoding/errors.js';
import { decode } from '../../decoding/loop.js';
import { createMethod, type MethodOptions } from '../../decoding/method.js';
import type { Generation } from '../../decoding/settings.js';
import type { StepEngine } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';
import type { ModelDimensions } from '../../models/types.js';
import { Rng } from '../../stats/rng.js';
import { type PassTime, TimedEngine } from './timed-engine.js';

/** What is decoded to time it: the same invented prompt for every method. */
export interface BenchCanvas {
  readonly promptLength: number;
  readonly generation: Generation;
  /** Passes of each sample, at most; the sample ends earlier where the method needs fewer. */
  readonly passes: number;
}

/** Ordinary tokens, the same for every method. */
export function benchPrompt(length: number, { vocabSize }: ModelDimensions): Int32Array {
  const rng = new Rng('bench');
  return Int32Array.from({ length }, () => rng.below(vocabSize - 2));
}

/** Times of the first passes of one sample. @throws InterruptedError if `signal` aborts. */
export async function timePasses(
  engine: StepEngine,
  dimensions: ModelDimensions,
  method: MethodOptions,
  { promptLength, generation, passes }: BenchCanvas,
  clock: Clock,
  signal?: AbortSignal,
): Promise<PassTime[]> {
  const enough = new AbortController();
  const timed = new TimedEngine(engine, clock, (done) => {
    if (done === passes) enough.abort();
  });
  try {
    await decode(timed, {
      promptIds: benchPrompt(promptLength, dimensions),
      generation,
      ...createMethod(method, dimensions.family, generation),
      special: dimensions,
      clock,
      signal: signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]),
    });
  } catch (error) {
    if (!(error instanceof InterruptedError) || signal?.aborted) throw error;
  }
  return timed.passes;
}
