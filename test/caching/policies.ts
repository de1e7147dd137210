import { type CacheOptions, cacheOptions } from '../../src/caching/registry.js';
import { type UnmaskOptions, unmaskOptions } from '../../src/decoding/rules/registry.js';
import type { ModelDimensions } from '../../src/models/types.js';

/** One line of the contract test: a policy with options. */
export interface PolicyCase {
  readonly name: string;
  readonly options: CacheOptions;
  /** The unmasking rules that the policy meets; the first one has a fixed schedule. */
  readonly rules: readonly UnmaskOptions[];
  /** The same policy at its full-refresh setting, where it has one: it must then equal vanilla. */
  readonly fullRefresh?: CacheOptions;
}

const rulesOf = (...options: Record<string, unknown>[]) => options.map((o) => unmaskOptions.parse(o));

const model = { rule: 'model' };
const threshold = { rule: 'threshold', tau: 0.6 };
const apd = { rule: 'apd', tau0: 0.7 };
const factor = { rule: 'factor', factor: 1.2 };

const lladaRules = rulesOf(model, threshold, apd, { rule: 'apd-released', mode: 1, tau0: 0.8 }, factor);
/** Whole-sequence samplers behind `model` and `threshold`, blocks behind the others. */
const dreamRules = rulesOf(model, threshold, apd, factor, { rule: 'quota' });
/** What remains where the row that predicts a block's first token is not computed. */
const dreamBlockRules = rulesOf(model, threshold);
const knownOrder = rulesOf({ rule: 'random-order' });

function line(
  name: string,
  rules: readonly UnmaskOptions[],
  options: Record<string, unknown>,
  fullRefresh?: Record<string, unknown>,
): PolicyCase {
  return {
    name,
    rules,
    options: cacheOptions.parse(options),
    ...(fullRefresh === undefined ? {} : { fullRefresh: cacheOptions.parse({ ...options, ...fullRefresh }) }),
  };
}

const dcu = { policy: 'dcu', layerBudget: 3, windowSize: 4 };
/** Every layer's share of it exceeds any canvas of these tests, however small the layer's mean is. */
const everyRow = { layerBudget: 1e9 };
const released = { policy: 'dcu-released', layerBudget: 3, windowSize: 4 };
const everyPass = { promptInterval: 1, responseInterval: 1 };
const dllm = { policy: 'dllm-cache', promptInterval: 5, responseInterval: 3 };
const always = { promptInterval: -1, responseInterval: -1 };

/** Every policy under the contract. A new policy joins by a line. */
export const policies: Readonly<Record<ModelDimensions['family'], readonly PolicyCase[]>> = {
  llada: [
    line('none', lladaRules, { policy: 'none' }),
    line('dllm-cache', lladaRules, dllm, always),
    line('dllm-cache without adaptive rows', lladaRules, { ...dllm, updateRatio: 0 }, always),
    line(
      'dllm-cache, every response row, prompt often',
      lladaRules,
      { ...dllm, promptInterval: 2, responseInterval: 4, updateRatio: 1 },
      everyPass,
    ),
    line('dkv-decode', lladaRules, { policy: 'dkv-decode', refreshInterval: 4 }, { refreshInterval: 1 }),
    line('dkv-greedy', knownOrder, { policy: 'dkv-greedy', refreshInterval: 3 }, { refreshInterval: 1 }),
    line('dkv-greedy without neighbours', knownOrder, {
      policy: 'dkv-greedy',
      refreshInterval: 2,
      window: 0,
    }),
    line('prefix', lladaRules, { policy: 'prefix' }),
    line('dual', lladaRules, { policy: 'dual' }),
    line('dcu', lladaRules, dcu, everyRow),
    line('dcu auto', lladaRules, { policy: 'dcu', auto: true }),
    line(
      'dcu cached, round, shift',
      lladaRules,
      { ...dcu, compare: 'cached', rounding: 'round', windowEdge: 'shift' },
      everyRow,
    ),
    line(
      'dcu excluding the window, largest remainder, every key token',
      lladaRules,
      { ...dcu, budgetExcludesWindow: true, rounding: 'largest_remainder', keyToken: 'all' },
      everyRow,
    ),
    line('dcu on the response, last position', lladaRules, {
      ...dcu,
      scope: 'gen',
      keyToken: 'last_position',
    }),
    line('dcu without budget', lladaRules, { ...dcu, layerBudget: 0, windowSize: 0 }),
    line('dcu-released by v', lladaRules, { ...released, selectFrom: 'v' }, everyPass),
    line('dcu-released by x', lladaRules, { ...released, selectFrom: 'x' }, everyPass),
    line('dcu-released by x, intervals', lladaRules, {
      ...released,
      selectFrom: 'x',
      promptInterval: 2,
      responseInterval: 3,
    }),
    line('dcu-released without budget', lladaRules, { ...released, layerBudget: 0, windowSize: 0 }),
  ],
  dream: [
    line('none', dreamRules, { policy: 'none' }),
    line('dllm-cache', dreamRules, dllm, always),
    line('dkv-decode', dreamRules, { policy: 'dkv-decode', refreshInterval: 4 }, { refreshInterval: 1 }),
    line('dkv-decode, un_right', dreamRules, {
      policy: 'dkv-decode',
      refreshInterval: 3,
      shiftType: 'un_right',
    }),
    line('dkv-prefill', dreamRules, { policy: 'dkv-prefill' }),
    line('dkv-pd', dreamRules, { policy: 'dkv-pd', refreshInterval: 3 }),
    line('prefix', dreamBlockRules, { policy: 'prefix' }),
    line('dual', dreamBlockRules, { policy: 'dual' }),
    line('dcu', dreamRules, dcu, everyRow),
    line('dcu-released by v', dreamRules, { ...released, selectFrom: 'v' }, everyPass),
  ],
};
