import type { CachePolicy } from '../caching/policy.js';
import type { StepEngine } from '../engine/types.js';
import type { Saving } from '../graph/savings.js';
import { hasLazyHead } from '../graph/spec.js';
import type { Clock } from '../measure/clock.js';
import { Canvas } from './canvas.js';
import { InterruptedError } from './errors.js';
import { Passes } from './passes.js';
import type { RowCounts } from './rows.js';
import type { UnmaskingRule } from './rule.js';
import type { Generation } from './settings.js';
import { type DecodingModel, sampleSetup, savingsOf } from './setup.js';
import type { TraceStep } from './trace.js';

export interface DecodeRequest {
  readonly promptIds: Int32Array;
  readonly generation: Generation;
  readonly cache: CachePolicy;
  readonly rule: UnmaskingRule;
  readonly special: DecodingModel;
  readonly clock: Clock;
  /** Recorded uniform draws of random transfer in place of drawn ones (conformance). */
  readonly draws?: readonly (readonly number[])[];
  /** A recorded random order in place of a drawn one (conformance). */
  readonly decodeOrder?: readonly (readonly number[])[];
  /** Checked between passes. */
  readonly signal?: AbortSignal;
  /** Keep the distances that rows were ranked by in the trace (conformance). */
  readonly distances?: boolean;
  /** Keep the thresholds of eligible tokens in the trace, where the rule moves them (studies). */
  readonly thresholds?: boolean;
  /** Work to leave out that changes no token. Default: all that can be. */
  readonly savings?: readonly Saving[];
  /**
   * Receives the logits `[rows * vocab]` of all computed rows after every pass. For conformance and drift only:
   * it sends every row through the LM head.
   */
  readonly onLogits?: (pass: number, rows: Int32Array, logits: Float32Array) => void;
}

export interface DecodeResult {
  /** `[promptLength + genLength]`. */
  readonly tokens: Int32Array;
  readonly steps: readonly TraceStep[];
  /** Runs of the model, as the published code counts them: one a call, whether or not it holds both streams. */
  readonly nfe: number;
  /** Those that ran: the others reveal nothing and leave nothing behind. */
  readonly nfeExecuted: number;
  /** Rows of the method as it is published. */
  readonly rows: RowCounts;
  /** Rows that the engine ran; the difference are savings that change no result. */
  readonly rowsExecuted: RowCounts;
  readonly timings: {
    /** The first pass that runs, which computes all rows and fills the caches; part of `denoiseMs`. */
    readonly prefillMs: number;
    /** The whole denoising loop. */
    readonly denoiseMs: number;
  };
}

/**
 * Semi-autoregressive denoising: blocks from left to right, passes inside a block, in each pass the cache
 * policy chooses the rows, the engine predicts, and the unmasking rule says which masks become tokens.
 *
 * @throws DecodingError if the model leaves a mask behind; InterruptedError between passes.
 */
export async function decode(engine: StepEngine, request: DecodeRequest): Promise<DecodeResult> {
  const { promptIds, generation, cache, rule, special, clock } = request;
  const { genLength } = generation;
  const blockLength = rule.wholeSequence === true ? genLength : generation.blockLength;
  const canvas = new Canvas(promptIds, genLength, special.maskId);
  const { length, promptLength } = canvas;
  const probes = {
    logits: request.onLogits !== undefined,
    distances: request.distances === true && cache.rows.kind === 'adaptive',
  };
  const savings = savingsOf(request, engine.device);
  const setup = sampleSetup(length, cache, rule, generation, special, probes, savings);
  await engine.begin(setup);
  const shape = {
    promptLength,
    genLength,
    length,
    layers: engine.layers,
    predictsNext: special.predictsNext === true,
  };
  cache.begin(shape);
  cache.guidance?.unconditional.begin(shape);
  const { decodeOrder, draws } = request;
  rule.begin({
    seed: generation.seed,
    ...(decodeOrder === undefined ? {} : { decodeOrder }),
    ...(draws === undefined ? {} : { draws }),
    ...(request.thresholds === true ? { thresholds: true } : {}),
  });

  const passes = new Passes(engine, request, canvas, savings, hasLazyHead(setup.spec));
  const started = clock();
  let prefillMs: number | undefined;
  const minPasses = cache.minPassesPerBlock ?? 0;
  const bySchedule = rule.fixedSchedule && cache.minPassesPerBlock === undefined;
  for (let start = promptLength; start < length; start += blockLength) {
    const end = start + blockLength;
    const masksAtStart = canvas.masked(start, end).length;
    const stepsPerBlock = generation.steps / (genLength / blockLength);
    let stalled = 0;
    for (let passInBlock = 0; ; passInBlock++) {
      const done = canvas.masked(start, end).length === 0;
      if (bySchedule ? passInBlock === stepsPerBlock : done && passInBlock >= minPasses) break;
      if (request.signal?.aborted) throw new InterruptedError();
      const step = await passes.next({
        pass: passes.steps.length,
        tokens: canvas.tokens,
        maskId: special.maskId,
        block: { start, end },
        passInBlock,
        stepsPerBlock,
        masksAtStart,
      });
      if (passes.nfeExecuted > 0) prefillMs ??= clock() - started;
      stalled = step.committed.length === 0 ? stalled + 1 : 0;
      if (!bySchedule) canvas.refuseStall(stalled, blockLength, { start, end });
    }
  }
  const denoiseMs = clock() - started;
  canvas.refuseMasks();
  return {
    tokens: canvas.tokens,
    steps: passes.steps,
    nfe: passes.nfe,
    nfeExecuted: passes.nfeExecuted,
    rows: passes.rows.nominal(),
    rowsExecuted: passes.rows.executed(),
    timings: { prefillMs: prefillMs ?? 0, denoiseMs },
  };
}
