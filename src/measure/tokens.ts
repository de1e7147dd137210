/** One response counted in the ways that published code bases count "tokens". */
export interface TokenCounts {
  /** Every position of the response canvas (dLLM-Cache, Sparse-dLLM, most likely Dynamic-dLLM). */
  readonly canvas: number;
  /** Positions before the first end-of-text (d2Cache; but an empty answer counts 0 here, not the canvas). */
  readonly toEos: number;
  /** Positions that are not end-of-text, also behind one (Fast-dLLM for Dream, dInfer). */
  readonly nonEos: number;
  /**
   * Ids other than end-of-text after the text was cut at the first stop string and tokenised again
   * (Fast-dLLM for LLaDA); null without a tokenizer.
   */
  readonly retokenised: number | null;
}

/** Text and ids of the model at hand. */
export interface Retokeniser {
  /** With special tokens written out. */
  decode(ids: readonly number[]): string;
  encode(text: string): readonly number[];
  readonly stopStrings: readonly string[];
}

/**
 * @param ids The response only.
 * @param retokeniser Absent for a model without a tokenizer.
 */
export function countTokens(ids: readonly number[], eosId: number, retokeniser?: Retokeniser): TokenCounts {
  return {
    canvas: ids.length,
    toEos: firstEos(ids, eosId),
    nonEos: countOther(ids, eosId),
    retokenised: retokeniser === undefined ? null : countRetokenised(ids, eosId, retokeniser),
  };
}

/** Index of the first end-of-text, or the length if there is none. */
export function firstEos(ids: readonly number[], eosId: number): number {
  const index = ids.indexOf(eosId);
  return index === -1 ? ids.length : index;
}

function countOther(ids: readonly number[], eosId: number): number {
  return ids.filter((id) => id !== eosId).length;
}

function countRetokenised(ids: readonly number[], eosId: number, retokeniser: Retokeniser): number {
  const text = retokeniser.decode(ids);
  const ends = retokeniser.stopStrings.map((stop) => text.indexOf(stop)).filter((index) => index !== -1);
  return countOther(retokeniser.encode(text.slice(0, Math.min(text.length, ...ends))), eosId);
}
