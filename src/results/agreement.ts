import { firstEos } from '../measure/tokens.js';
import type { SampleRow } from './samples.js';

export interface Agreement {
  /** Share of positions equal to the baseline's, over all samples. */
  readonly positions: number;
  /** Share of samples equal in all of them. */
  readonly identical: number;
}

/**
 * How far outputs equal those of the baseline on the same samples, position by position up to and including
 * the later of the two first end-of-texts (what stands behind both is no answer). A failed sample agrees
 * nowhere; samples without a baseline output are left out. Undefined if none is left.
 */
export function agreement(
  samples: readonly SampleRow[],
  baseline: ReadonlyMap<string, SampleRow>,
  eosId: number,
): Agreement | undefined {
  let [pairs, identical, positions, equal] = [0, 0, 0, 0];
  for (const { sample, output } of samples) {
    const reference = baseline.get(sample)?.output?.ids;
    if (reference === undefined) continue;
    const { compared, differing } = difference(output?.ids ?? [], reference, eosId);
    pairs += 1;
    positions += compared;
    equal += compared - differing.length;
    if (differing.length === 0) identical += 1;
  }
  return pairs === 0 ? undefined : { positions: equal / positions, identical: identical / pairs };
}

/** How one output differs from the baseline's. */
export interface Difference {
  /** Positions up to and including the later of the two first end-of-texts. */
  readonly compared: number;
  /** Those of them whose ids are not equal, ascending, from 0 at the start of the response. */
  readonly differing: readonly number[];
}

/** @param ids Of the response; empty if it failed: then all positions differ. */
export function difference(ids: readonly number[], reference: readonly number[], eosId: number): Difference {
  const end = Math.max(firstEos(reference, eosId), ids.length === 0 ? 0 : firstEos(ids, eosId)) + 1;
  const compared = Math.min(end, reference.length);
  const differing: number[] = [];
  for (let i = 0; i < compared; i++) if (ids[i] !== reference[i]) differing.push(i);
  return { compared, differing };
}
