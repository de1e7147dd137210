import { expect } from 'vitest';
import { Oracle, type OraclePass } from '../oracle/forward.js';
import type { RecordedPass, RecordingEngine } from '../oracle/recording-engine.js';
import type { ModelWeights } from '../oracle/weights.js';
import { selectionFault } from './selection.js';

/** Largest difference of a float32 logit to the float64 oracle's, for each 10 of the row's largest logit. */
export const logitTolerance = 3e-4;

/** Mean distances are sums of float32 rounding at worst. */
const meanTolerance = 1e-6;

/**
 * Repeats every recorded pass of one sample on the oracle, which keeps its own stale state and takes only the
 * rows from the record, and expects the same logits, means and choices. The state is compared through the
 * passes that follow.
 *
 * @returns the number of passes.
 */
export function replayPasses(weights: ModelWeights, engine: RecordingEngine, where: string): number {
  const { length } = engine.passes[0]!.request.tokens;
  const oracle = new Oracle(weights, length);
  const { vocabSize, layers } = weights.dimensions;
  for (const [n, pass] of engine.passes.entries()) {
    const { request, result } = pass;
    const { logits, distances } = repeat(oracle, engine, pass, layers);
    request.headRows.forEach((row, i) => {
      const ours = result.logits!.subarray(i * vocabSize, (i + 1) * vocabSize);
      const theirs = logits.get(row)!;
      const error = ours.reduce((max, z, id) => Math.max(max, Math.abs(z - theirs[id]!)), 0);
      const largest = theirs.reduce((max, z) => Math.max(max, Math.abs(z)), 10);
      expect(error, `${where}, pass ${n}, row ${row}`).toBeLessThan((logitTolerance * largest) / 10);
    });
    if (request.plan.kind !== 'adaptive' || n === 0) continue;
    const { plan } = request;
    for (const [l, layer] of distances.entries()) {
      const known = plan.referenceKnown === false ? layer.map(() => 0) : layer;
      const counted = known.filter((_, i) => plan.scope[i] === 1);
      const mean = counted.reduce((a, b) => a + b, 0) / counted.length;
      expect(Math.abs(result.layerMeans![l]! - mean), `${where}, pass ${n}, layer ${l}`).toBeLessThan(
        meanTolerance,
      );
      expect(selectionFault(plan, l, result.layerRows![l]!, known), `${where}, pass ${n}`).toBeUndefined();
    }
  }
  return engine.passes.length;
}

function repeat(
  oracle: Oracle,
  engine: RecordingEngine,
  { request, result }: RecordedPass,
  layers: number,
): OraclePass {
  const { plan, tokens } = request;
  if (plan.kind === 'uniform') {
    const store = plan.store === 'all' ? plan.rows : plan.store === 'none' ? [] : plan.store;
    return oracle.uniform(tokens, plan.rows, store);
  }
  const { valueRows, storeRaw } = plan;
  return oracle.adaptive(tokens, engine.setup!.spec.rows, {
    layerRows: result.layerRows!,
    ...(storeRaw === undefined ? {} : { storeRaw }),
    ...(valueRows === undefined
      ? {}
      : {
          valueRows: Array.from({ length: layers }, (_, l) => (l === 0 ? valueRows.first : valueRows.others)),
        }),
  });
}
