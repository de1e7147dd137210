import { DecodingError, InterruptedError } from '../../decoding/errors.js';
import { decode } from '../../decoding/loop.js';
import { createMethod, type MethodOptions } from '../../decoding/method.js';
import type { Generation } from '../../decoding/settings.js';
import type { StepEngine } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';
import { flops } from '../../measure/flops.js';
import type { ModelDimensions } from '../../models/types.js';
import { sum } from '../../stats/summary.js';
import { TimedEngine } from '../bench/timed-engine.js';

/** One pass of the denoising loop. */
export interface WatchedPass {
  /** From the answer of the pass before to the answer of this one. */
  readonly ms: number;
  /** Of the matrix products that the engine ran. */
  readonly flops: number;
  /** Whether every layer computed every row. */
  readonly isFull: boolean;
}

/** The first passes of one sample. */
export interface WatchedSample {
  /** Names the graph that ran: passes of one graph cost the same for the same rows. */
  readonly graph: string;
  /** What the start of the sample took; of the first one on a graph, mostly reading and packing weights. */
  readonly beginMs: number;
  /** Prompt and response. */
  readonly tokens: number;
  readonly passes: readonly WatchedPass[];
  /** Whether the schedule fixes how many passes a sample has; else it may have fewer than another prompt. */
  readonly exactPasses: boolean;
}

/** A sample to decode with prompt ids that mean nothing. */
export interface WatchedCase {
  readonly promptIds: Int32Array;
  readonly method: MethodOptions;
  readonly generation: Generation;
  /** Whether to stop after so many passes, which took so many milliseconds; default: never. */
  readonly isEnough?: (passes: number, ms: number) => boolean;
}

/**
 * Decodes a sample, or its first passes, and tells time and operations of each.
 *
 * @throws InterruptedError if `signal` aborts; what else `decode` throws before a pass was done
 */
export async function watchPasses(
  engine: StepEngine,
  dimensions: ModelDimensions,
  { promptIds, method, generation, isEnough = () => false }: WatchedCase,
  clock: Clock,
  signal?: AbortSignal,
): Promise<WatchedSample> {
  const enough = new AbortController();
  const parts = createMethod(method, dimensions.family, generation);
  const timed = new TimedEngine(engine, clock, (passes) => {
    if (isEnough(passes, sum(timed.passes.map(({ totalMs }) => totalMs)))) enough.abort();
  });
  try {
    await decode(timed, {
      ...{ promptIds, generation, ...parts, special: dimensions, clock },
      signal: signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]),
    });
  } catch (error) {
    // A model that predicts masks on such a prompt has passes all the same.
    const isTimed = error instanceof DecodingError && timed.passes.length > 0;
    if (!isTimed && (!(error instanceof InterruptedError) || signal?.aborted)) throw error;
  }
  const { graph, beginMs, layers } = timed;
  const tokens = promptIds.length + generation.genLength;
  const passes = timed.passes.map(({ totalMs, layerRows, rows }): WatchedPass => {
    return { ms: totalMs, flops: flops(dimensions, rows), isFull: layerRows === layers * tokens };
  });
  return { graph, beginMs, tokens, passes, exactPasses: parts.rule.fixedSchedule };
}
