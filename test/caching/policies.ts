import type { Choices } from '../oracle/draw.js';

/** One line of the contract test: a policy, with options that are drawn anew for every case. */
export interface PolicyLine {
  readonly name: string;
  readonly options: Choices;
  /** The unmasking rules that the policy meets; the first one has a fixed schedule. */
  readonly rules: readonly Choices[];
  /** What makes every pass a full one, where the policy can: it must then equal vanilla. */
  readonly fullRefresh?: Choices;
}

const model = { rule: 'model' };
const threshold = { rule: 'threshold', tau: [0, 0.3, 0.6, 0.9, 1] };
const factor = { rule: 'factor', factor: [0.75, 1.2, 3], offByOne: [false, true] };
/** With the weights of the paper, of the code, and with some that move thresholds within a few passes. */
const moved = { tau0: [0.5, 0.7, 0.9], alpha: [0.001, 0.01, 0.2], beta: [0.0008, 0.15, 2] };
const apd = { rule: 'apd', ...moved, adaptFrom: [1, 2] };
const apdReleased = { rule: 'apd-released', ...moved, mode: [0, 1, 2] };

const lladaRules: Choices[] = [model, threshold, apd, apdReleased, factor];
/** Whole-sequence samplers behind `model` and `threshold`, blocks behind the others. */
const dreamRules: Choices[] = [
  model,
  { ...threshold, tokensPerStep: [undefined, 1] },
  apd,
  apdReleased,
  factor,
  { rule: 'quota' },
];
/** What remains where the row that predicts a block's first token is not computed. */
const dreamBlockRules: Choices[] = [model, threshold];
const knownOrder: Choices[] = [{ rule: 'random-order' }];

/** Budgets and windows from nothing to more than any canvas of these tests has. */
const rows = { layerBudget: [1, 2, 3, 5, 50], windowSize: [0, 1, 2, 4, 7, 50] };
const noRows = { layerBudget: 0, windowSize: 0 };
const intervals = { promptInterval: [-1, 1, 2, 3, 50], responseInterval: [-1, 1, 2, 4, 7, 50] };
const refreshInterval = [1, 2, 3, 4, 8];

const dcu = { policy: 'dcu', ...rows };
const readings = {
  compare: ['adjacent', 'cached'],
  rounding: ['floor', 'round', 'largest_remainder'],
  budgetExcludesWindow: [false, true],
  windowEdge: ['clip', 'shift'],
  keyToken: ['most_confident', 'all', 'last_position'],
  scope: ['all', 'gen'],
};
/** Every layer's share of it exceeds any canvas of these tests, however small the layer's mean is. */
const everyRow = { auto: false, layerBudget: 1e9, scope: 'all' };

const released = { policy: 'dcu-released', ...rows };
const everyPass = { promptInterval: [-1, 1], responseInterval: [-1, 1] };

const dllm = { policy: 'dllm-cache', ...intervals, guidanceInterval: [-1, 1, 2, 4, 50] };
const verified = { ...dllm, updateRatio: [0.1, 0.25, 0.5, 1] };
const bothStreams = { ...everyPass, guidanceInterval: [-1, 1] };

const dkv = { policy: 'dkv-decode', refreshInterval };
const always = { refreshInterval: 1 };

const none: PolicyLine = { name: 'none', rules: lladaRules, options: { policy: 'none' } };

export const lladaBaselines: readonly PolicyLine[] = [
  none,
  { name: 'dllm-cache', rules: lladaRules, options: verified, fullRefresh: bothStreams },
  {
    name: 'dllm-cache without adaptive rows',
    rules: lladaRules,
    options: { ...dllm, updateRatio: 0 },
    fullRefresh: bothStreams,
  },
  { name: 'dkv-decode', rules: lladaRules, options: dkv, fullRefresh: always },
  {
    name: 'dkv-greedy',
    rules: knownOrder,
    options: { policy: 'dkv-greedy', refreshInterval, window: [0, 1, 2, 4, 50] },
    fullRefresh: always,
  },
  { name: 'prefix', rules: lladaRules, options: { policy: 'prefix' } },
  { name: 'dual', rules: lladaRules, options: { policy: 'dual' } },
];

export const lladaDcu: readonly PolicyLine[] = [
  { name: 'dcu', rules: lladaRules, options: dcu, fullRefresh: everyRow },
  { name: 'dcu cached', rules: lladaRules, options: { ...dcu, compare: 'cached' }, fullRefresh: everyRow },
  {
    name: 'dcu excluding the window',
    rules: lladaRules,
    options: { ...dcu, budgetExcludesWindow: true },
    fullRefresh: everyRow,
  },
  { name: 'dcu on the response', rules: lladaRules, options: { ...dcu, scope: 'gen' } },
  {
    name: 'dcu in any reading',
    rules: lladaRules,
    options: { ...dcu, ...readings },
    fullRefresh: everyRow,
  },
  { name: 'dcu auto', rules: lladaRules, options: { policy: 'dcu', auto: true, ...readings } },
  { name: 'dcu without budget', rules: lladaRules, options: { ...dcu, ...readings, ...noRows } },
];

export const lladaReleased: readonly PolicyLine[] = [
  {
    name: 'dcu-released by v',
    rules: lladaRules,
    options: { ...released, ...intervals, selectFrom: 'v' },
    fullRefresh: everyPass,
  },
  {
    name: 'dcu-released by x',
    rules: lladaRules,
    options: { ...released, ...intervals, selectFrom: 'x' },
    fullRefresh: everyPass,
  },
  {
    name: 'dcu-released with its default intervals',
    rules: lladaRules,
    options: { ...released, selectFrom: ['v', 'x'] },
  },
  {
    name: 'dcu-released without budget',
    rules: lladaRules,
    options: { ...released, ...intervals, ...noRows, selectFrom: ['v', 'x'] },
  },
];

export const dreamBaselines: readonly PolicyLine[] = [
  { ...none, rules: dreamRules },
  { name: 'dllm-cache', rules: dreamRules, options: verified, fullRefresh: bothStreams },
  { name: 'dkv-decode', rules: dreamRules, options: dkv, fullRefresh: always },
  {
    name: 'dkv-decode, un_right',
    rules: dreamRules,
    options: { ...dkv, shiftType: 'un_right' },
    fullRefresh: always,
  },
  {
    name: 'dkv-prefill',
    rules: dreamRules,
    options: { policy: 'dkv-prefill', shiftType: ['un', 'un_right'] },
  },
  {
    name: 'dkv-pd',
    rules: dreamRules,
    options: { policy: 'dkv-pd', refreshInterval, shiftType: ['un', 'un_right'] },
  },
  { name: 'prefix', rules: dreamBlockRules, options: { policy: 'prefix' } },
  { name: 'dual', rules: dreamBlockRules, options: { policy: 'dual' } },
];

export const dreamDcu: readonly PolicyLine[] = [
  { name: 'dcu', rules: dreamRules, options: dcu, fullRefresh: everyRow },
  {
    name: 'dcu in any reading',
    rules: dreamRules,
    options: { ...dcu, ...readings, auto: [false, false, true] },
    fullRefresh: everyRow,
  },
  {
    name: 'dcu-released',
    rules: dreamRules,
    options: { ...released, ...intervals, selectFrom: ['v', 'x'] },
    fullRefresh: everyPass,
  },
];
