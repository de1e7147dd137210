import type { SampleSetup, StepRequest } from '../../src/engine/types.js';
import type { Row } from './linear-algebra.js';
import { OracleStream } from './stream.js';
import { topRows } from './top-rows.js';
import type { ModelWeights } from './weights.js';

type Logits = ReadonlyMap<number, Row>;

/**
 * Classifier-free guidance in float64: `z_u + (w + 1)(z_c - z_u)`, where the unconditional stream sees masks in
 * place of the prompt and has caches of its own. An engine does not report which rows that stream's layers
 * choose, so the oracle chooses them itself.
 */
export class GuidanceOracle {
  readonly #scale: number;
  /** Whether the difference of the streams is kept between refreshes (dLLM-Cache). */
  readonly #keeps: boolean;
  readonly #unconditional: OracleStream;
  /** `z_c - z_u` of the rows of the last refresh. */
  #kept = new Map<number, Row>();

  constructor(weights: ModelWeights, { spec, length, guidanceScale }: SampleSetup) {
    this.#scale = guidanceScale ?? 0;
    this.#keeps = spec.residualGuidance;
    this.#unconditional = new OracleStream(weights, length, spec.rows);
  }

  /**
   * The guided logits of the head rows, from the conditional ones of this pass.
   * @throws UndecidedError where the rows of a layer are a matter of rounding.
   */
  guide(request: StepRequest, conditional: Logits): Logits {
    const { headRows, plan, unconditionalPlan, unconditionalTokens } = request;
    const ownPlan = this.#keeps ? unconditionalPlan : plan;
    if (ownPlan !== undefined) {
      const { logits } = this.#unconditional.pass(unconditionalTokens!, ownPlan, (layer, distances) => {
        if (ownPlan.kind !== 'adaptive') throw new Error('a uniform pass has no rows to choose');
        const known = ownPlan.referenceKnown === false ? distances.map(() => 0) : distances;
        return topRows(ownPlan, layer, known);
      });
      const differences = Array.from(headRows, (row): [number, Row] => {
        const theirs = logits.get(row)!;
        return [row, conditional.get(row)!.map((z, id) => z - theirs[id]!)];
      });
      this.#kept = new Map(differences);
    }
    return new Map(
      Array.from(headRows, (row) => {
        const difference = this.#kept.get(row)!;
        return [row, conditional.get(row)!.map((z, id) => z + this.#scale * difference[id]!)];
      }),
    );
  }
}
