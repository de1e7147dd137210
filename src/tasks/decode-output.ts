import { cutAt } from '../scoring/until.js';

/** What happens to the ids of a response before its answer is read. */
interface Steps {
  /** Where the ids end: at the first end of text or of the turn, or nowhere. */
  readonly cutIds: boolean;
  readonly keepSpecial: boolean;
  /** The text ends before the first end-of-text token that is written in it. */
  readonly cutText: boolean;
  /** After the stop strings the text is tokenised again and decoded without special tokens. */
  readonly retokenise: boolean;
}

const none: Steps = { cutIds: false, keepSpecial: false, cutText: false, retokenise: false };

/**
 * The orders of decoding, cutting and dropping special tokens in published code. They give different texts where a
 * model goes on after an end token, or writes a stop string beside one.
 */
const orders = {
  /**
   * Decode without special tokens, then cut at the stop strings. What follows an end of text is kept (LLaDA in
   * Dynamic-dLLM and dLLM-Cache).
   */
  'skip-special': none,
  /**
   * Decode with special tokens, cut at the stop strings, tokenise again and decode without special tokens (LLaDA's
   * own code, Fast-dLLM for LLaDA).
   */
  'keep-special': { ...none, keepSpecial: true, retokenise: true },
  /**
   * Decode with special tokens, cut before the first end of text, then at the stop strings. Other special tokens stay
   * in the text, so that a stop string can name them (Dream in dLLM-Cache and Fast-dLLM).
   */
  'cut-eos': { ...none, keepSpecial: true, cutText: true },
  /** Cut the ids at the first end of text or of the turn, decode without special tokens, cut at the stop strings. */
  'cut-eos-eot': { ...none, cutIds: true },
  /** As `skip-special`; most of its tasks have no stop strings (OpenCompass in LLaDA, Sparse-dLLM). */
  opencompass: none,
} as const satisfies Record<string, Steps>;

export type DecodingOrder = keyof typeof orders;
export const decodingOrders = Object.keys(orders) as [DecodingOrder, ...DecodingOrder[]];

/** What the orders need of a tokenizer. */
export interface OutputTokenizer {
  decode(ids: readonly number[], options: { readonly skipSpecialTokens: boolean }): string;
  /** Special tokens written out are recognised, none are added. */
  encode(text: string): readonly number[];
}

/** Ids that end a text. */
export interface EndIds {
  readonly eosId: number;
  /** End of the turn; absent for a model without a chat format. */
  readonly eotId?: number | undefined;
}

/**
 * The text of a response that answers are read from.
 *
 * @param ids The response only.
 * @param until Stop strings; empty where the harness sets none, or where it is told to leave the text uncut (Fast-dLLM
 * for HumanEval-instruct, `escape_until` of dLLM-Cache).
 */
export function decodeOutput(
  order: DecodingOrder,
  ids: readonly number[],
  tokenizer: OutputTokenizer,
  { eosId, eotId }: EndIds,
  until: readonly string[],
): string {
  const { cutIds, keepSpecial, cutText, retokenise } = orders[order];
  const end = cutIds ? ids.findIndex((id) => id === eosId || id === eotId) : -1;
  const kept = end < 0 ? ids : ids.slice(0, end);
  const text = tokenizer.decode(kept, { skipSpecialTokens: !keepSpecial });
  const stops = cutText ? [tokenizer.decode([eosId], { skipSpecialTokens: false }), ...until] : until;
  const cut = cutAt(text, stops);
  return retokenise ? tokenizer.decode(tokenizer.encode(cut), { skipSpecialTokens: true }) : cut;
}
