import { fullLogits } from './forward.js';
import { argmax, cosineDistance, type Row, softmax } from './linear-algebra.js';
import type { Task } from './run.js';
import type { ModelWeights } from './weights.js';

/** What a float64 run decided, and how close it came to deciding otherwise. */
export interface OracleDecode {
  readonly tokens: number[];
  readonly passes: number;
  /**
   * Smallest distance to a different decision: between the two best logits of a row, two neighbouring
   * confidences, or a confidence and its threshold. Below float32's noise the engine may differ.
   */
  readonly margin: number;
}

/**
 * Cache-free greedy decoding in blocks in float64, from the pseudo code of `methods.md` 2.1, 2.3 and 3.7.1.
 * Written without the project's loop, rules or quota. Rules: model and quota (a fixed quota), threshold, apd.
 */
export function oracleDecode(weights: ModelWeights, task: Task): OracleDecode {
  const { promptIds, generation, unmask } = task;
  const { genLength, blockLength, steps } = generation;
  const { maskId, predictsNext } = weights.dimensions;
  const isQuota = unmask.rule === 'model' || unmask.rule === 'quota';
  const tokens = [...promptIds, ...Array.from({ length: genLength }, () => maskId)];
  const stepsPerBlock = (steps * blockLength) / genLength;
  const tau = tokens.map(() => ('tau0' in unmask ? unmask.tau0 : 'tau' in unmask ? unmask.tau : 0));
  let previous: Row[] | undefined;
  let margin = Number.POSITIVE_INFINITY;
  let passes = 0;

  for (let start = promptIds.length; start < tokens.length; start += blockLength) {
    const open = () =>
      tokens.flatMap((id, i) =>
        id === maskId && i >= promptIds.length && i < start + blockLength ? [i] : [],
      );
    const masksAtStart = open().length;
    for (let i = 0; isQuota ? i < stepsPerBlock : open().length > 0; i++) {
      const rows = fullLogits(weights, tokens);
      const logits = predictsNext ? [rows[0]!, ...rows.slice(0, -1)] : rows;
      const p = logits.map((z) => softmax(z));
      if (unmask.rule === 'apd' && passes >= unmask.adaptFrom) {
        for (const [j, row] of p.entries()) {
          const second = Math.max(...row.filter((_, id) => id !== argmax(row)));
          tau[j]! += -unmask.alpha * (1 - second) + unmask.beta * cosineDistance(row, previous![j]!);
        }
      }
      const conf = (j: number) => Math.max(...p[j]!);
      const ranked = open().sort((a, b) => conf(b) - conf(a) || a - b);
      const quota = Math.floor(masksAtStart / stepsPerBlock) + (i < masksAtStart % stepsPerBlock ? 1 : 0);
      const chosen = isQuota
        ? ranked.slice(0, quota)
        : ranked.filter((j, r) => r === 0 || conf(j) >= tau[j]!);
      margin = Math.min(
        margin,
        passMargin(isQuota, ranked, chosen, logits, conf, (j) => tau[j]!),
      );
      for (const j of chosen) tokens[j] = argmax(logits[j]!);
      previous = p;
      passes += 1;
    }
  }
  return { tokens, passes, margin };
}

function passMargin(
  isQuota: boolean,
  ranked: readonly number[],
  chosen: readonly number[],
  logits: readonly Row[],
  conf: (j: number) => number,
  tau: (j: number) => number,
): number {
  const idGaps = chosen.map((j) => {
    const [first, second] = [...logits[j]!].sort((a, b) => b - a);
    return first! - second!;
  });
  const next = ranked[chosen.length];
  const edge = (a: number | undefined) =>
    a === undefined || next === undefined ? [] : [conf(a) - conf(next)];
  const rankGap = isQuota ? edge(chosen.at(-1)) : edge(ranked[0]);
  const thresholdGaps = isQuota ? [] : ranked.slice(1).map((j) => Math.abs(conf(j) - tau(j)));
  return Math.min(...idGaps, ...rankGap, ...thresholdGaps);
}
