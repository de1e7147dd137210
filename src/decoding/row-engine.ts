import { ActiveRows } from '../engine/active-rows.js';
import { EarlierRows } from '../engine/lazy-head.js';
import type { LeftOut, RowPlan, SampleSetup, StepEngine, StepRequest, StepResult } from '../engine/types.js';
import { graphSavings, hasLazyHead, plainSpec, type StepGraphSpec } from '../graph/spec.js';

/** Any token but the mask. */
export function ordinaryToken({ maskId }: { readonly maskId: number }): number {
  return maskId === 0 ? 1 : 0;
}

/**
 * A device without a model, for counting rows beforehand: every pass predicts `id`, with less confidence from left
 * to right and never enough for a threshold, so that each pass reveals the fewest tokens that a rule allows.
 * Adaptive layers choose as many rows outside of the mandatory ones as their budget allows.
 */
export class RowEngine implements StepEngine {
  readonly device: string;
  readonly facts = {};
  readonly layers: number;
  readonly #id: number;
  #length = 0;
  #spec: StepGraphSpec = plainSpec;
  #earlierRows = new EarlierRows();
  #active = new ActiveRows(plainSpec);
  /** Of an unconditional stream with a plan of its own. */
  #other = new ActiveRows(plainSpec);

  /** @param id Any token but the mask. @param device The one whose savings are counted; none = all savings. */
  constructor(layers: number, id: number, device = 'none') {
    this.layers = layers;
    this.device = device;
    this.#id = id;
  }

  async begin({ length, spec }: SampleSetup): Promise<void> {
    this.#length = length;
    this.#spec = spec;
    this.#earlierRows = new EarlierRows();
    this.#active = new ActiveRows(spec);
    this.#other = new ActiveRows(spec);
  }

  async step(request: StepRequest): Promise<StepResult> {
    const { headRows, plan } = request;
    const count = headRows.length;
    const descending = Float64Array.from(headRows, (_, i) => (count - i) * 1e-9);
    return {
      best: new Int32Array(count).fill(this.#id),
      p1: descending,
      // No clear winner anywhere: thresholds that go down by clarity stay where they are.
      p2: new Float64Array(count).fill(1),
      shift: new Float64Array(count),
      entropy: descending,
      ...this.#adaptive(plan),
      ...this.#earlier(request),
      leftOut: this.#leftOut(this.#active, plan, request),
      ...this.#unconditional(request),
    };
  }

  #unconditional(request: StepRequest): Pick<StepResult, 'unconditionalLayerRows' | 'unconditionalLeftOut'> {
    const { plan, unconditionalPlan } = request;
    const own = this.#spec.guidance ? plan : unconditionalPlan;
    if (own === undefined) return {};
    const { layerRows } = this.#adaptive(own);
    return {
      ...(layerRows === undefined ? {} : { unconditionalLayerRows: layerRows }),
      ...(unconditionalPlan === undefined
        ? {}
        : { unconditionalLeftOut: this.#leftOut(this.#other, unconditionalPlan, request) }),
    };
  }

  #earlier(request: StepRequest): Pick<StepResult, 'earlierHeadRows'> {
    if (!hasLazyHead(this.#spec)) return {};
    const { length } = this.#earlierRows.of(request);
    this.#earlierRows.keep(request);
    return { earlierHeadRows: length };
  }

  /** What the engine leaves out of a stream. */
  #leftOut(active: ActiveRows, plan: RowPlan, request: StepRequest): LeftOut {
    const saved = graphSavings(this.#spec);
    const { first, changedRows } = active.next(plan, request);
    const last = Math.max(1, request.headRows.length) + (request.laterRows?.length ?? 0);
    const keeps = saved.includes('first-layer') && this.layers > 1;
    return {
      ...(first === 0 ? {} : { before: first }),
      ...(saved.includes('last-layer') ? { lastLayerRows: last } : {}),
      ...(keeps ? { keptRows: this.#length - first - changedRows.length } : {}),
    };
  }

  #adaptive(plan: RowPlan): Pick<StepResult, 'layerRows' | 'layerMeans'> {
    if (plan.kind === 'uniform') return {};
    const length = this.#length;
    const layerRows = Array.from({ length: this.layers }, (_, layer) => {
      const mandatory = plan.mandatory.subarray(layer * length, (layer + 1) * length);
      const rows: number[] = [];
      let budget = plan.budgets[layer]!;
      for (let row = 0; row < length; row++) {
        if (mandatory[row] === 1) rows.push(row);
        else if (plan.candidates[row] === 1 && budget-- > 0) rows.push(row);
      }
      return Int32Array.from(rows);
    });
    return { layerRows, layerMeans: new Float64Array(this.layers) };
  }

  async memoryBytes(): Promise<number> {
    return 0;
  }

  async runMs(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {}
}
