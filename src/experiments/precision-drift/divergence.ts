import { mean, quantile } from '../../stats/summary.js';

/** How far two predictions of one row are apart. */
export interface RowDivergence {
  /** KL(exact || converted), in nats. */
  readonly kl: number;
  /** Whether another token is the likeliest one. */
  readonly changed: boolean;
}

/** What many rows say together. */
export interface Divergence {
  readonly rows: number;
  readonly klMean: number;
  readonly klMedian: number;
  readonly kl99: number;
  readonly klMax: number;
  /** Share of rows whose likeliest token is another. */
  readonly changed: number;
}

/**
 * Kullback-Leibler divergence of the softmax of `converted` from that of `exact`, both `[vocab]` logits, in float64:
 * `sum_v p_v (ln p_v - ln q_v)`.
 */
export function rowDivergence(exact: Float32Array, converted: Float32Array): RowDivergence {
  const [p, q] = [normaliser(exact), normaliser(converted)];
  let kl = 0;
  for (let v = 0; v < exact.length; v++) {
    const logP = exact[v]! - p.max - p.logSum;
    kl += Math.exp(logP) * (logP - (converted[v]! - q.max - q.logSum));
  }
  // Rounding may leave a little below nothing.
  return { kl: Math.max(0, kl), changed: p.best !== q.best };
}

interface Normaliser {
  readonly max: number;
  readonly best: number;
  readonly logSum: number;
}

function normaliser(logits: Float32Array): Normaliser {
  let best = 0;
  for (let v = 1; v < logits.length; v++) if (logits[v]! > logits[best]!) best = v;
  const max = logits[best]!;
  let sum = 0;
  for (const z of logits) sum += Math.exp(z - max);
  return { max, best, logSum: Math.log(sum) };
}

/** Undefined for no rows. */
export function summariseDivergence(rows: readonly RowDivergence[]): Divergence | undefined {
  if (rows.length === 0) return undefined;
  const kls = rows.map(({ kl }) => kl);
  return {
    rows: rows.length,
    klMean: mean(kls),
    klMedian: quantile(kls, 0.5),
    kl99: quantile(kls, 0.99),
    klMax: Math.max(...kls),
    changed: rows.filter(({ changed }) => changed).length / rows.length,
  };
}
