import { setImmediate } from 'node:timers/promises';
import type { Commit } from '../caching/policy.js';
import type { RowPlan, StepEngine, StepRequest, StepResult, UniformPlan } from '../engine/types.js';
import type { Saving } from '../graph/savings.js';
import type { Canvas } from './canvas.js';
import type { DecodeRequest } from './loop.js';
import { Remasking } from './remasking.js';
import { RowCounter } from './rows.js';
import type { BlockView, Predictions } from './rule.js';
import type { TraceStep } from './trace.js';

/** Of a pass that does not run. */
const noResult: StepResult = { best: new Int32Array(0), p1: new Float64Array(0), p2: new Float64Array(0) };
const noPredictions: Predictions = {
  positions: new Int32Array(0),
  ids: noResult.best,
  confidence: noResult.p1,
  p1: noResult.p1,
  p2: noResult.p2,
  shift: noResult.p1,
  entropy: noResult.p1,
};

/** The passes of one sample: plan, predict, unmask, remember. */
export class Passes {
  readonly steps: TraceStep[] = [];
  /** Runs of the model, as the published code counts them. */
  nfe = 0;
  /** Those of them that were not left out. */
  nfeExecuted = 0;
  readonly rows: RowCounter;
  readonly #engine: StepEngine;
  readonly #request: DecodeRequest;
  readonly #canvas: Canvas;
  readonly #remasking: Remasking;
  /** Whether the head runs on the rows that a rule reads alone. */
  readonly #onlyRead: boolean;
  readonly #skipsIdle: boolean;
  readonly #lazyHead: boolean;
  /** Whether guidance runs both streams in every pass. */
  readonly #guided: boolean;

  /** @param lazyHead Whether rows of the next block wait for the head until their block begins. */
  constructor(
    engine: StepEngine,
    request: DecodeRequest,
    canvas: Canvas,
    savings: readonly Saving[],
    lazyHead: boolean,
  ) {
    this.rows = new RowCounter(canvas.length, engine.layers);
    this.#engine = engine;
    this.#request = request;
    this.#canvas = canvas;
    this.#remasking = new Remasking(request.generation);
    this.#guided = request.generation.cfg > 0 && request.cache.guidance === undefined;
    this.#onlyRead = savings.includes('head-rows');
    this.#skipsIdle = savings.includes('passes');
    this.#lazyHead = lazyHead;
  }

  async next(view: BlockView): Promise<TraceStep> {
    const { cache, rule, special } = this.#request;
    const canvas = this.#canvas;
    const plan = cache.beforeStep(this.#withOrder(view));
    const unconditional = this.#unconditional(view);
    // A difference of the streams that is kept must hold the rows of later blocks too.
    const wide = (rule.headRows === 'masked' && !this.#lazyHead) || unconditional !== undefined;
    const masked = canvas.masked(0, wide ? canvas.length : view.block.end);
    if (plan.kind === 'uniform' && this.#isIdle(view, masked.length)) {
      // Nothing else would let a Ctrl-C in while passes are left out.
      await setImmediate();
      return this.#idle(view, plan);
    }
    const isPredicted = this.#isPredicted(plan);
    const positions = masked.filter(isPredicted);
    const rows = positions.map(this.#rowOf);
    const asked = this.#onlyRead ? rows : this.#rowsOf(plan);
    const later = this.#lazyHead ? { laterRows: this.#nextRows(view, isPredicted) } : {};
    const result = await this.#predict({ plan, ...unconditional, ...later, pass: view.pass }, rows, asked);
    const predictions = this.#remasking.predictions(positions, result, view.pass);
    const { chosen, threshold, thresholds } = rule.select(predictions, view);
    const committed = chosen
      .map((i): Commit => {
        return { position: positions[i]!, id: result.best[i]!, confidence: predictions.confidence[i]! };
      })
      .filter(({ id }) => id !== special.maskId)
      .sort((a, b) => a.position - b.position);
    canvas.commit(committed);
    cache.afterStep(committed, result);
    if (unconditional !== undefined) cache.guidance?.unconditional.afterStep(committed, result);
    this.rows.add({ plan, ...unconditional, headRows: asked }, result, this.#guided);
    this.nfe += unconditional === undefined ? 1 : 2;
    this.nfeExecuted += unconditional === undefined ? 1 : 2;
    const step: TraceStep = {
      step: view.pass,
      committed,
      ...(plan.kind === 'adaptive' ? { layerBudgets: plan.budgets } : { rows: plan.rows }),
      ...(result.layerRows === undefined ? {} : { layerRows: result.layerRows }),
      ...(result.layerMeans === undefined ? {} : { layerMeans: result.layerMeans }),
      ...(result.distances === undefined ? {} : { distances: result.distances }),
      ...(threshold === undefined ? {} : { threshold }),
      ...(thresholds === undefined ? {} : { thresholds }),
    };
    this.steps.push(step);
    return step;
  }

  /**
   * Whether a pass reveals nothing and leaves nothing behind that is read later.
   * @param masks Positions whose predictions the rule reads; of one that follows the tokens of later blocks, theirs as well.
   */
  #isIdle(view: BlockView, masks: number): boolean {
    const { cache, rule } = this.#request;
    if (!this.#skipsIdle || cache.idlePasses === undefined) return false;
    return masks === 0 || (cache.idlePasses === 'any' && rule.revealsNothing?.(view, masks) === true);
  }

  #idle(view: BlockView, plan: UniformPlan): TraceStep {
    const { rule, cache } = this.#request;
    this.rows.addIdle(plan, this.#guided);
    this.nfe += 1;
    const { threshold } = rule.select(noPredictions, view);
    cache.afterStep([], noResult);
    const step: TraceStep = {
      step: view.pass,
      committed: [],
      rows: plan.rows,
      ...(threshold === undefined ? {} : { threshold }),
    };
    this.steps.push(step);
    return step;
  }

  /** The row whose logits predict a position. */
  readonly #rowOf = (position: number): number =>
    this.#request.special.predictsNext === true ? Math.max(position - 1, 0) : position;

  /** Whether a position has a prediction: rows that a uniform pass does not compute have none. */
  #isPredicted(plan: RowPlan): (position: number) => boolean {
    if (plan.kind === 'adaptive') return () => true;
    const computed = new Uint8Array(this.#canvas.length);
    for (const row of plan.rows) computed[row] = 1;
    return (position) => computed[this.#rowOf(position)] === 1;
  }

  /** Rows of the next block: the first that a pass after this one may read. */
  #nextRows({ block: { start, end } }: BlockView, isPredicted: (position: number) => boolean): Int32Array {
    const next = this.#canvas.masked(end, Math.min(this.#canvas.length, 2 * end - start));
    return next.filter(isPredicted).map(this.#rowOf);
  }

  /** The rows of the unconditional stream, on passes that refresh the kept difference of the streams. */
  #unconditional(view: BlockView): { unconditionalPlan: RowPlan } | undefined {
    const { guidance } = this.#request.cache;
    if (this.#request.generation.cfg === 0 || guidance?.refreshDue(view.pass) !== true) return undefined;
    return { unconditionalPlan: guidance.unconditional.beforeStep(view) };
  }

  #withOrder(view: BlockView): BlockView {
    const { rule } = this.#request;
    if (rule.scheduled === undefined) return view;
    const scheduled = rule.scheduled(view, view.passInBlock);
    return { ...view, scheduled, scheduledNext: rule.scheduled(view, view.passInBlock + 1) };
  }

  async #predict(
    pass: Pick<StepRequest, 'plan' | 'unconditionalPlan' | 'laterRows' | 'pass'>,
    wanted: Int32Array,
    headRows: Int32Array,
  ): Promise<StepResult> {
    const { generation, onLogits } = this.#request;
    const canvas = this.#canvas;
    const shared = {
      ...pass,
      tokens: canvas.tokens,
      ...(generation.cfg > 0 ? { unconditionalTokens: canvas.withoutPrompt() } : {}),
    };
    const result = await this.#engine.step({ ...shared, headRows });
    onLogits?.(pass.pass, headRows, result.logits ?? new Float32Array(0));
    return this.#onlyRead ? result : pickRows(result, headRows, wanted);
  }

  /** The rows that come out of the last layer of a pass. */
  #rowsOf(plan: RowPlan): Int32Array {
    return plan.kind === 'uniform' ? plan.rows : Int32Array.from(this.#canvas.tokens.keys());
  }
}

/** The predictions of the rows `wanted` out of those of `rows`. */
function pickRows(result: StepResult, rows: Int32Array, wanted: Int32Array): StepResult {
  const indexOf = new Map(Array.from(rows, (row, i) => [row, i]));
  const indices = wanted.map((row) => indexOf.get(row)!);
  const pick = (values: Float64Array) => Float64Array.from(indices, (i) => values[i]!);
  return {
    ...result,
    best: indices.map((i) => result.best[i]!),
    p1: pick(result.p1),
    p2: pick(result.p2),
    ...(result.shift === undefined ? {} : { shift: pick(result.shift) }),
    ...(result.entropy === undefined ? {} : { entropy: pick(result.entropy) }),
  };
}
