import type { SampleSetup } from '../engine/types.js';
import type { RowFamily } from '../graph/spec.js';
import type { UnmaskingRule } from './rule.js';
import type { Generation } from './settings.js';

/** The special ids that decoding must know. */
export interface SpecialIds {
  readonly maskId: number;
  readonly eosId: number;
  /** End of turn, where the tokenizer has such a token. */
  readonly eotId?: number;
}

/** What the engine must prepare for one sample: which graph parts, and the constants that they read. */
export function sampleSetup(
  length: number,
  rows: RowFamily,
  rule: UnmaskingRule,
  generation: Generation,
  special: SpecialIds,
  logits: boolean,
): SampleSetup {
  const { temperature, cfg, logitsEosInf, confidenceEosEotInf } = generation;
  const eosAndEot = [special.eosId, ...(special.eotId === undefined ? [] : [special.eotId])];
  // LLaDA's chained assignment reaches the EOS logit only at T = 0; with noise it lands on another tensor.
  const committedLast = temperature === 0 ? eosAndEot : eosAndEot.slice(1);
  return {
    spec: {
      rows,
      logits,
      shift: rule.needsShift,
      guidance: cfg > 0,
      sampling: temperature > 0,
      tokenBias: logitsEosInf || confidenceEosEotInf,
    },
    length,
    guidanceScale: cfg,
    sampling: { temperature, seed: generation.seed },
    tokenBias: {
      argmax: logitsEosInf ? [special.eosId] : [],
      softmax: confidenceEosEotInf ? committedLast : [],
    },
  };
}
