import type { CachePolicy, Commit } from '../caching/policy.js';
import type { RowPlan, StepEngine, StepResult } from '../engine/types.js';
import type { Clock } from '../measure/clock.js';
import { Canvas } from './canvas.js';
import { InterruptedError } from './errors.js';
import { Remasking } from './remasking.js';
import { RowCounter, type RowCounts } from './rows.js';
import type { BlockView, UnmaskingRule } from './rule.js';
import type { Generation } from './settings.js';
import { type SpecialIds, sampleSetup } from './setup.js';
import type { TraceStep } from './trace.js';

export interface DecodeRequest {
  readonly promptIds: Int32Array;
  readonly generation: Generation;
  readonly cache: CachePolicy;
  readonly rule: UnmaskingRule;
  readonly special: SpecialIds;
  readonly clock: Clock;
  /** Checked between passes. */
  readonly signal?: AbortSignal;
  /**
   * Receives the logits `[length * vocab]` of all positions after every pass. For conformance and drift only:
   * it sends every row through the LM head.
   */
  readonly onLogits?: (pass: number, logits: Float32Array) => void;
}

export interface DecodeResult {
  /** `[promptLength + genLength]`. */
  readonly tokens: Int32Array;
  readonly steps: readonly TraceStep[];
  /** Forward passes, as the published code counts them: one a call, with or without guidance. */
  readonly nfe: number;
  readonly rows: RowCounts;
  readonly timings: {
    /** The first pass, which computes all rows and fills the caches; part of `denoiseMs`. */
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
  const { genLength, blockLength } = generation;
  const canvas = new Canvas(promptIds, genLength, special.maskId);
  const { length, promptLength } = canvas;
  const logits = request.onLogits !== undefined;
  await engine.begin(sampleSetup(length, cache.rows, rule, generation, special, logits));
  cache.begin({ promptLength, genLength, length, layers: engine.layers });
  rule.begin();

  const passes = new Passes(engine, request, canvas);
  const started = clock();
  let prefillMs = 0;
  for (let start = promptLength; start < length; start += blockLength) {
    const end = start + blockLength;
    const masksAtStart = canvas.masked(start, end).length;
    const stepsPerBlock = generation.steps / (genLength / blockLength);
    let stalled = 0;
    for (let passInBlock = 0; ; passInBlock++) {
      if (rule.fixedSchedule ? passInBlock === stepsPerBlock : canvas.masked(start, end).length === 0) break;
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
      if (step.step === 0) prefillMs = clock() - started;
      stalled = step.committed.length === 0 ? stalled + 1 : 0;
      if (!rule.fixedSchedule) canvas.refuseStall(stalled, blockLength, { start, end });
    }
  }
  const denoiseMs = clock() - started;
  canvas.refuseMasks();
  return {
    tokens: canvas.tokens,
    steps: passes.steps,
    nfe: passes.steps.length,
    rows: passes.rows.counts(),
    timings: { prefillMs, denoiseMs },
  };
}

/** The passes of one sample: plan, predict, unmask, remember. */
class Passes {
  readonly steps: TraceStep[] = [];
  readonly rows: RowCounter;
  readonly #engine: StepEngine;
  readonly #request: DecodeRequest;
  readonly #canvas: Canvas;
  readonly #remasking: Remasking;

  constructor(engine: StepEngine, request: DecodeRequest, canvas: Canvas) {
    this.rows = new RowCounter(canvas.length, engine.layers);
    this.#engine = engine;
    this.#request = request;
    this.#canvas = canvas;
    this.#remasking = new Remasking(request.generation);
  }

  async next(view: BlockView): Promise<TraceStep> {
    const { cache, rule, special } = this.#request;
    const canvas = this.#canvas;
    const plan = cache.beforeStep(view);
    const headRows = canvas.masked(0, rule.headRows === 'eligible' ? view.block.end : canvas.length);
    const result = await this.#predict(plan, headRows, view.pass);
    const predictions = this.#remasking.predictions(headRows, result, view.pass);
    const { chosen, threshold } = rule.select(predictions, view);
    const committed = chosen
      .map((i): Commit => {
        return { position: headRows[i]!, id: result.best[i]!, confidence: predictions.confidence[i]! };
      })
      .filter(({ id }) => id !== special.maskId)
      .sort((a, b) => a.position - b.position);
    canvas.commit(committed);
    cache.afterStep(committed, result);
    this.rows.add(plan, result, headRows.length);
    const step: TraceStep = {
      step: view.pass,
      committed,
      ...(plan.kind === 'adaptive' ? { layerBudgets: plan.budgets } : {}),
      ...(result.layerRows === undefined ? {} : { layerRows: result.layerRows }),
      ...(result.layerMeans === undefined ? {} : { layerMeans: result.layerMeans }),
      ...(threshold === undefined ? {} : { threshold }),
    };
    this.steps.push(step);
    return step;
  }

  async #predict(plan: RowPlan, headRows: Int32Array, pass: number): Promise<StepResult> {
    const { generation, onLogits } = this.#request;
    const canvas = this.#canvas;
    const shared = {
      tokens: canvas.tokens,
      ...(generation.cfg > 0 ? { unconditionalTokens: canvas.withoutPrompt() } : {}),
      plan,
      pass,
    };
    if (onLogits === undefined) return this.#engine.step({ ...shared, headRows });
    const all = Int32Array.from(canvas.tokens, (_, i) => i);
    const result = await this.#engine.step({ ...shared, headRows: all });
    onLogits(pass, result.logits ?? new Float32Array(0));
    return pickRows(result, headRows);
  }
}

/** The predictions of some rows out of those of all positions. */
function pickRows(result: StepResult, rows: Int32Array): StepResult {
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return {
    ...result,
    best: rows.map((row) => result.best[row]!),
    p1: pick(result.p1),
    p2: pick(result.p2),
    ...(result.shift === undefined ? {} : { shift: pick(result.shift) }),
  };
}
