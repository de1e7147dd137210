import type { CachePolicy } from '../caching/policy.js';
import type { SampleSetup } from '../engine/types.js';
import { savings as allSavings, type Saving, savingsOn } from '../graph/savings.js';
import type { UnmaskingRule } from './rule.js';
import type { Generation } from './settings.js';

/** What decoding must know of a model. */
export interface DecodingModel {
  readonly maskId: number;
  readonly eosId: number;
  /** End of turn, where the tokenizer has such a token. */
  readonly eotId?: number;
  /** Whether row j of the logits predicts position j + 1 (Dream). */
  readonly predictsNext?: boolean;
}

/**
 * What a run leaves out: of what is wanted whatever the device knows, and nothing where logits are wanted, which are
 * those of the published method.
 */
export function savingsOf(
  { savings = allSavings, onLogits }: { readonly savings?: readonly Saving[]; readonly onLogits?: unknown },
  device: string,
): readonly Saving[] {
  if (onLogits !== undefined) return [];
  return savingsOn(device).filter((saving) => savings.includes(saving));
}

/** Whether rows are predicted that the rule reads in a later pass alone, and only that they moved. */
function hasLateRows({ headRows, readsEligible }: UnmaskingRule, savings: readonly Saving[]): boolean {
  return headRows === 'masked' && readsEligible === true && savings.includes('head-rows');
}

/** What the engine must prepare for one sample: which graph parts, and the constants that they read. */
export function sampleSetup(
  length: number,
  cache: Pick<CachePolicy, 'rows' | 'guidance'>,
  rule: UnmaskingRule,
  generation: Generation,
  special: DecodingModel,
  probes: { readonly logits: boolean; readonly distances: boolean },
  savings: readonly Saving[],
): SampleSetup {
  const { temperature, cfg, logitsEosInf, confidenceEosEotInf, dream } = generation;
  // Dream divides by the temperature and filters before it draws, so its confidence sees both.
  const scaled = special.predictsNext === true;
  const nucleus = scaled && (temperature > 0 || dream.topP < 1 || dream.topK > 0);
  const eosAndEot = [special.eosId, ...(special.eotId === undefined ? [] : [special.eotId])];
  // LLaDA's chained assignment reaches the EOS logit only at T = 0; with noise it lands on another tensor.
  const committedLast = temperature === 0 ? eosAndEot : eosAndEot.slice(1);
  return {
    spec: {
      rows: cache.rows,
      probe: [],
      ...probes,
      shift: rule.needsShift,
      entropy: rule.needsEntropy ?? false,
      guidance: cfg > 0 && cache.guidance === undefined,
      residualGuidance: cfg > 0 && cache.guidance !== undefined,
      sampling: temperature > 0,
      nucleus,
      tokenBias: logitsEosInf || confidenceEosEotInf,
      savings: savings.filter((saving) => saving !== 'lazy-head' || hasLateRows(rule, savings)),
    },
    length,
    guidanceScale: cfg,
    sampling: { temperature: scaled ? 1 : temperature, seed: generation.seed },
    nucleus: { temperature, topP: dream.topP, topK: dream.topK },
    tokenBias: {
      argmax: logitsEosInf ? [special.eosId] : [],
      softmax: confidenceEosEotInf ? committedLast : [],
    },
  };
}
