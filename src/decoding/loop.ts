import type { CachePolicy, Commit } from '../caching/policy.js';
import type { SampleSetup, StepEngine, StepResult } from '../engine/types.js';
import type { Clock } from '../measure/clock.js';
import { Canvas } from './canvas.js';
import { InterruptedError } from './errors.js';
import { Remasking } from './remasking.js';
import { RowCounter, type RowCounts } from './rows.js';
import type { BlockView, UnmaskingRule } from './rule.js';
import type { Generation } from './settings.js';
import type { TraceStep } from './trace.js';

/** The special ids that decoding must know. */
export interface SpecialIds {
  readonly maskId: number;
  readonly eosId: number;
  readonly eotId?: number;
}

export interface DecodeRequest {
  readonly promptIds: Int32Array;
  readonly generation: Generation;
  readonly cache: CachePolicy;
  readonly rule: UnmaskingRule;
  readonly special: SpecialIds;
  readonly clock: Clock;
  /** Return logits with every pass (conformance only); they reach `onPass`. */
  readonly logits?: boolean;
  /** Checked between passes. */
  readonly signal?: AbortSignal;
  readonly onPass?: (step: TraceStep, result: StepResult, headRows: Int32Array) => void;
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
  const { generation, cache, rule, special, clock } = request;
  const canvas = new Canvas(request.promptIds, generation.genLength, special.maskId);
  const { length, promptLength } = canvas;
  const remasking = new Remasking(generation);
  const rows = new RowCounter(length, engine.layers);
  const steps: TraceStep[] = [];
  let prefillMs = 0;

  await engine.begin(sampleSetup(request, length));
  cache.begin({ promptLength, genLength: generation.genLength, length, layers: engine.layers });
  rule.begin();

  const started = clock();
  const stepsPerBlock = generation.steps / (generation.genLength / generation.blockLength);
  for (let start = promptLength; start < length; start += generation.blockLength) {
    const block = { start, end: start + generation.blockLength };
    const masksAtStart = canvas.masked(block.start, block.end).length;
    let stalled = 0;
    for (let passInBlock = 0; ; passInBlock++) {
      const finished = rule.fixedSchedule
        ? passInBlock === stepsPerBlock
        : canvas.masked(block.start, block.end).length === 0;
      if (finished) break;
      if (request.signal?.aborted) throw new InterruptedError();

      const pass = steps.length;
      const view: BlockView = {
        pass,
        tokens: canvas.tokens,
        maskId: special.maskId,
        block,
        passInBlock,
        stepsPerBlock,
        masksAtStart,
      };
      const plan = cache.beforeStep(view);
      const headRows = canvas.masked(0, rule.headRows === 'eligible' ? block.end : length);
      const result = await engine.step({
        tokens: canvas.tokens,
        ...(generation.cfg > 0 ? { unconditionalTokens: canvas.withoutPrompt() } : {}),
        headRows,
        plan,
        pass,
      });
      const predictions = remasking.predictions(headRows, result, pass);
      const { chosen, threshold } = rule.select(predictions, view);
      const committed = chosen
        .map((i): Commit => {
          return { position: headRows[i]!, id: result.best[i]!, confidence: predictions.confidence[i]! };
        })
        .filter(({ id }) => id !== special.maskId)
        .sort((a, b) => a.position - b.position);
      canvas.commit(committed);
      cache.afterStep(committed, result);

      const step: TraceStep = {
        step: pass,
        committed,
        ...(plan.kind === 'adaptive' ? { layerBudgets: plan.budgets } : {}),
        ...(result.layerRows === undefined ? {} : { layerRows: result.layerRows }),
        ...(result.layerMeans === undefined ? {} : { layerMeans: result.layerMeans }),
        ...(threshold === undefined ? {} : { threshold }),
      };
      steps.push(step);
      rows.add(plan, result, headRows.length);
      if (pass === 0) prefillMs = clock() - started;
      request.onPass?.(step, result, headRows);
      stalled = committed.length === 0 ? stalled + 1 : 0;
      if (!rule.fixedSchedule) canvas.refuseStall(stalled, generation.blockLength, block);
    }
  }
  const denoiseMs = clock() - started;
  canvas.refuseMasks();
  return {
    tokens: canvas.tokens,
    steps,
    nfe: steps.length,
    rows: rows.counts(),
    timings: { prefillMs, denoiseMs },
  };
}

function sampleSetup(
  { generation, cache, rule, special, logits }: DecodeRequest,
  length: number,
): SampleSetup {
  const { temperature, cfg, logitsEosInf, confidenceEosEotInf } = generation;
  const eosAndEot = [special.eosId, ...(special.eotId === undefined ? [] : [special.eotId])];
  // LLaDA sets both logits on the noise-free tensor only at T = 0; with noise, EOS lands on another tensor.
  const late = !confidenceEosEotInf ? [] : temperature === 0 ? eosAndEot : eosAndEot.slice(1);
  return {
    spec: {
      rows: cache.rows,
      logits: logits ?? false,
      shift: rule.needsShift,
      guidance: cfg > 0,
      sampling: temperature > 0,
      tokenBias: logitsEosInf || confidenceEosEotInf,
    },
    length,
    guidanceScale: cfg,
    sampling: { temperature, seed: generation.seed },
    tokenBias: { argmax: logitsEosInf ? [special.eosId] : [], softmax: late },
  };
}
