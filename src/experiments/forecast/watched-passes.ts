import { DecodingError, InterruptedError } from '../../decoding/errors.js';
import { decode } from '../../decoding/loop.js';
import { createMethod, type MethodOptions } from '../../decoding/method.js';
import { rowsOfPass } from '../../decoding/rows.js';
import type { Generation } from '../../decoding/settings.js';
import { ForwardingEngine } from '../../engine/forwarding-engine.js';
import type { SampleSetup, StepEngine, StepRequest, StepResult } from '../../engine/types.js';
import { specKey } from '../../graph/spec.js';
import type { Clock } from '../../measure/clock.js';
import { flops } from '../../measure/flops.js';
import type { ModelDimensions } from '../../models/types.js';

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
  readonly isEnough?: (passes: readonly WatchedPass[], ms: number) => boolean;
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
  const watched = new WatchedEngine(engine, dimensions, clock, (passes, ms) => {
    if (isEnough(passes, ms)) enough.abort();
  });
  try {
    await decode(watched, {
      ...{ promptIds, generation, ...parts, special: dimensions, clock },
      signal: signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]),
    });
  } catch (error) {
    // A model that predicts masks on such a prompt has passes all the same.
    const isTimed = error instanceof DecodingError && watched.passes.length > 0;
    if (!isTimed && (!(error instanceof InterruptedError) || signal?.aborted)) throw error;
  }
  const { graph, beginMs, passes } = watched;
  const tokens = promptIds.length + generation.genLength;
  return { graph, beginMs, tokens, passes, exactPasses: parts.rule.fixedSchedule };
}

/** Keeps what each pass of the loop around an engine took. */
class WatchedEngine extends ForwardingEngine {
  readonly passes: WatchedPass[] = [];
  graph = '';
  beginMs = 0;
  readonly #dimensions: ModelDimensions;
  readonly #clock: Clock;
  readonly #onPass: (passes: readonly WatchedPass[], ms: number) => void;
  #setup: SampleSetup | undefined;
  #started = 0;
  #answered = 0;

  constructor(
    engine: StepEngine,
    dimensions: ModelDimensions,
    clock: Clock,
    onPass: (passes: readonly WatchedPass[], ms: number) => void,
  ) {
    super(engine);
    this.#dimensions = dimensions;
    this.#clock = clock;
    this.#onPass = onPass;
  }

  override async begin(setup: SampleSetup): Promise<void> {
    const started = this.#clock();
    await super.begin(setup);
    this.#setup = setup;
    this.graph = specKey(setup.spec);
    this.#started = this.#clock();
    this.beginMs = this.#started - started;
    this.#answered = this.#started;
  }

  override async step(request: StepRequest): Promise<StepResult> {
    const result = await super.step(request);
    const now = this.#clock();
    this.passes.push({ ms: now - this.#answered, ...this.#work(request, result) });
    this.#answered = now;
    this.#onPass(this.passes, now - this.#started);
    return result;
  }

  #work(request: StepRequest, result: StepResult): Pick<WatchedPass, 'flops' | 'isFull'> {
    const { spec, length } = this.#setup!;
    const { layers } = this;
    const rows = rowsOfPass(request, result, { length, layers, guidance: spec.guidance });
    return {
      flops: flops(this.#dimensions, rows.executed()),
      isFull: rows.nominal().layerRows === layers * length,
    };
  }
}
