import type { RowPlan, StepEngine, StepRequest, StepResult } from '../engine/types.js';

/**
 * A device without a model, for counting rows beforehand: every pass predicts `id`, with less confidence from left
 * to right and never enough for a threshold, so that each pass reveals the fewest tokens that a rule allows.
 * Adaptive layers choose as many rows outside of the mandatory ones as their budget allows.
 */
export class RowEngine implements StepEngine {
  readonly device = 'none';
  readonly facts = {};
  readonly layers: number;
  readonly #id: number;
  #length = 0;

  /** @param id Any token but the mask. */
  constructor(layers: number, id: number) {
    this.layers = layers;
    this.#id = id;
  }

  async begin({ length }: { readonly length: number }): Promise<void> {
    this.#length = length;
  }

  async step({ headRows, plan }: StepRequest): Promise<StepResult> {
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
