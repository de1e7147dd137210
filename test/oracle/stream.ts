import type { RowPlan } from '../../src/engine/types.js';
import type { RowFamily } from '../../src/graph/spec.js';
import { type AdaptiveRows, Oracle, type OraclePass } from './forward.js';
import type { ModelWeights } from './weights.js';

/** The oracle of one stream of a sample, told what to compute in the engine's terms. */
export class OracleStream {
  readonly #oracle: Oracle;
  readonly #family: RowFamily;
  readonly #layers: number;

  constructor(weights: ModelWeights, length: number, family: RowFamily) {
    this.#oracle = new Oracle(weights, length);
    this.#family = family;
    this.#layers = weights.dimensions.layers;
  }

  /** One pass over a canvas; `rowsOf` gives the rows of a layer that chooses for itself. */
  pass(tokens: Int32Array, plan: RowPlan, rowsOf: AdaptiveRows['rowsOf']): OraclePass {
    if (plan.kind === 'uniform') {
      const store = plan.store === 'all' ? plan.rows : plan.store === 'none' ? [] : plan.store;
      return this.#oracle.uniform(tokens, plan.rows, store);
    }
    const { valueRows, storeRaw } = plan;
    const listed = (layer: number) => (layer === 0 ? valueRows!.first : valueRows!.others);
    return this.#oracle.adaptive(tokens, this.#family, {
      rowsOf,
      ...(storeRaw === undefined ? {} : { storeRaw }),
      ...(valueRows === undefined
        ? {}
        : { valueRows: Array.from({ length: this.#layers }, (_, layer) => listed(layer)) }),
    });
  }
}
