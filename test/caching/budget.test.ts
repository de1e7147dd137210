import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layerBudgets } from '../../src/caching/dcu-budget.js';
import { createCachePolicy } from '../../src/caching/registry.js';

const roundings = ['floor', 'round', 'largest_remainder'] as const;

describe('budgets of eq. 6', () => {
  test('follow the means of the pass before', () => {
    // 4 layers of 8 rows: 32 rows in shares of 1/10, 2/10, 3/10, 4/10 = 3.2, 6.4, 9.6, 12.8.
    const means = [0.1, 0.2, 0.3, 0.4];
    expect([...layerBudgets(8, 4, means, 'floor', 100)]).toEqual([3, 6, 9, 12]);
    expect([...layerBudgets(8, 4, means, 'round', 100)]).toEqual([3, 6, 10, 13]);
    expect([...layerBudgets(8, 4, means, 'largest_remainder', 100)]).toEqual([3, 6, 10, 13]);
  });

  test('round halves up, and give left-over rows to the lower layer of equals', () => {
    expect([...layerBudgets(1, 2, [1, 3], 'round', 10)]).toEqual([1, 2]);
    expect([...layerBudgets(1, 2, [1, 3], 'largest_remainder', 10)]).toEqual([1, 1]);
    expect([...layerBudgets(1, 4, [1, 1, 1, 5], 'largest_remainder', 10)]).toEqual([1, 1, 0, 2]);
  });

  test.each(roundings)('%s: uniform without means and where all are 0', (rounding) => {
    expect([...layerBudgets(5, 3, undefined, rounding, 100)]).toEqual([5, 5, 5]);
    expect([...layerBudgets(5, 3, [0, 0, 0], rounding, 100)]).toEqual([5, 5, 5]);
    expect([...layerBudgets(5, 3, [0, 0, 0], rounding, 4)]).toEqual([4, 4, 4]);
  });

  test.each(roundings)('%s: limited to the candidates, none for a layer at rest', (rounding) => {
    expect([...layerBudgets(8, 2, [0, 1], rounding, 10)]).toEqual([0, 10]);
    expect([...layerBudgets(0, 2, [1, 1], rounding, 10)]).toEqual([0, 0]);
    expect([...layerBudgets(1e9, 3, [1e-7, 1, 2], rounding, 10)]).toEqual([10, 10, 10]);
  });

  test('never exceed the total, except by rounding to the nearest', () => {
    const mean = fc.double({ min: 0, max: 2, noNaN: true });
    const shape = fc.record({
      layerBudget: fc.integer({ min: 0, max: 64 }),
      means: fc.array(mean, { minLength: 1, maxLength: 32 }),
    });
    fc.assert(
      fc.property(shape, fc.constantFrom(...roundings), ({ layerBudget, means }, rounding) => {
        const total = layerBudget * means.length;
        const budgets = layerBudgets(layerBudget, means.length, means, rounding, 1e6);
        const sum = budgets.reduce((a, b) => a + b, 0);
        expect(budgets.every((b) => b >= 0)).toBe(true);
        expect(sum).toBeLessThanOrEqual(total + (rounding === 'round' ? means.length / 2 : 0));
        if (rounding === 'largest_remainder') expect(sum).toBe(total);
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

describe('auto', () => {
  test.each([
    [256, 32],
    [512, 64],
    [1024, 128],
    [128, 16],
  ])('%i tokens of response: %i rows', (genLength, rows) => {
    const policy = createCachePolicy({
      policy: 'dcu',
      auto: true,
      layerBudget: 1,
      windowSize: 1,
      compare: 'adjacent',
      rounding: 'floor',
      budgetExcludesWindow: false,
      windowEdge: 'clip',
      keyToken: 'most_confident',
      scope: 'all',
    });
    const promptLength = 300;
    const length = promptLength + genLength;
    policy.begin({ promptLength, genLength, length, layers: 2, predictsNext: false });
    const view = {
      pass: 0,
      passInBlock: 0,
      tokens: new Int32Array(length),
      maskId: 1,
      block: { start: promptLength, end: length },
    };
    policy.beforeStep(view);
    const result = { best: new Int32Array(0), p1: new Float64Array(0), p2: new Float64Array(0) };
    policy.afterStep([{ position: promptLength + genLength / 2, id: 3, confidence: 0.5 }], result);
    const plan = policy.beforeStep({ ...view, pass: 1, passInBlock: 1 });
    if (plan.kind !== 'adaptive') throw new Error('dcu plans adaptive rows');
    expect([...plan.budgets]).toEqual([rows, rows]);
    expect(plan.mandatory.subarray(0, length).reduce((a, b) => a + b, 0)).toBe(rows + 1);
  });
});
