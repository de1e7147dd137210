import type { RowPlan, StepResult } from '../engine/types.js';

/** Rows that a sample's passes computed: what row-NFE and the analytic FLOPs are made of. */
export interface RowCounts {
  /** Forward passes (NFE). */
  readonly passes: number;
  /** Rows of one full pass: prompt and response. */
  readonly length: number;
  /** Sum over passes and layers of the rows computed. */
  readonly layerRows: number;
  /** Sum over passes and layers of rows of which only V was computed (V-verify). */
  readonly valueOnlyRows: number;
  /** Sum over passes of rows that went through the LM head. */
  readonly headRows: number;
  readonly layers: number;
}

/** Adds up the rows of one sample, pass by pass. */
export class RowCounter {
  readonly #length: number;
  readonly #layers: number;
  #passes = 0;
  #layerRows = 0;
  #valueOnlyRows = 0;
  #headRows = 0;

  constructor(length: number, layers: number) {
    this.#length = length;
    this.#layers = layers;
  }

  add(plan: RowPlan, result: StepResult, headRows: number): void {
    this.#passes += 1;
    this.#headRows += headRows;
    if (plan.kind === 'uniform') {
      this.#layerRows += plan.rows.length * this.#layers;
      return;
    }
    for (const [l, rows] of (result.layerRows ?? []).entries()) {
      this.#layerRows += rows.length;
      if (plan.valueRows === undefined) continue;
      const listed = new Set(l === 0 ? plan.valueRows.first : plan.valueRows.others);
      for (const row of rows) listed.delete(row);
      this.#valueOnlyRows += listed.size;
    }
  }

  counts(): RowCounts {
    return {
      passes: this.#passes,
      length: this.#length,
      layerRows: this.#layerRows,
      valueOnlyRows: this.#valueOnlyRows,
      headRows: this.#headRows,
      layers: this.#layers,
    };
  }
}

/** Row-NFE: passes weighted by the share of rows that they computed. Vanilla's equals its NFE. */
export function rowNfe(counts: RowCounts): number {
  return counts.layerRows / (counts.layers * counts.length);
}
