import { DecodingError, InterruptedError } from '../../decoding/errors.js';
import { decode } from '../../decoding/loop.js';
import { createMethod, type MethodOptions } from '../../decoding/method.js';
import type { Generation } from '../../decoding/settings.js';
import type { StepEngine } from '../../engine/types.js';
import type { Saving } from '../../graph/savings.js';
import type { Clock } from '../../measure/clock.js';
import { flops } from '../../measure/flops.js';
import type { ModelDimensions } from '../../models/types.js';
import { type PassTime, TimedEngine } from './timed-engine.js';

/** One pass of the denoising loop. */
export interface WatchedPass extends PassTime {
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
  /** Those that ran; a method may have further ones that change nothing. */
  readonly passes: readonly WatchedPass[];
  /** Runs of the model as the published code counts them; null for a sample that was left early. */
  readonly nfe: number | null;
  /** Whether the schedule fixes how many passes a sample has; else it may have fewer than another prompt. */
  readonly exactPasses: boolean;
}

/** A sample to decode with prompt ids that mean nothing. */
export interface WatchedCase {
  readonly promptIds: Int32Array;
  readonly method: MethodOptions;
  readonly generation: Generation;
  /** Work to leave out; default: all that can be. */
  readonly savings?: readonly Saving[] | undefined;
  /** Whether to stop after these passes; default: never. */
  readonly isEnough?: (passes: readonly WatchedPass[]) => boolean;
}

/**
 * Decodes a sample, or its first passes, and tells time and operations of each.
 *
 * @throws InterruptedError if `signal` aborts; what else `decode` throws before a pass was done
 */
export async function watchPasses(
  engine: StepEngine,
  dimensions: ModelDimensions,
  { promptIds, method, generation, savings, isEnough = () => false }: WatchedCase,
  clock: Clock,
  signal?: AbortSignal,
): Promise<WatchedSample> {
  const enough = new AbortController();
  const parts = createMethod(method, dimensions.family, generation);
  const tokens = promptIds.length + generation.genLength;
  const passes: WatchedPass[] = [];
  let nfe: number | null = null;
  const timed = new TimedEngine(engine, clock, (pass) => {
    const isFull = pass.layerRows === engine.layers * tokens;
    passes.push({ ...pass, flops: flops(dimensions, pass.rows), isFull });
    if (isEnough(passes)) enough.abort();
  });
  try {
    const result = await decode(timed, {
      ...{ promptIds, generation, ...parts, special: dimensions, clock },
      ...(savings === undefined ? {} : { savings }),
      signal: signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]),
    });
    nfe = result.nfe;
  } catch (error) {
    // A model that predicts masks on such a prompt has passes all the same.
    const isTimed = error instanceof DecodingError && passes.length > 0;
    if (!isTimed && (!(error instanceof InterruptedError) || signal?.aborted)) throw error;
  }
  const { graph, beginMs } = timed;
  return { graph, beginMs, tokens, passes, nfe, exactPasses: parts.rule.fixedSchedule };
}
