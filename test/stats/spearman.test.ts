import { expect, test } from 'vitest';
import { averageRanks, spearman } from '../../src/stats/spearman.js';

test('ties get the mean of their ranks', () => {
  expect([...averageRanks([10, 20, 20, 5, 20])]).toEqual([2, 4, 4, 1, 4]);
  expect([...averageRanks([])]).toEqual([]);
});

test('only the order counts', () => {
  expect(spearman([1, 2, 3, 4], [1, 8, 27, 1000])).toBe(1);
  expect(spearman([1, 2, 3, 4], [9, 7, 2, 1])).toBe(-1);
});

test('without ties it is 1 - 6 sum d^2 / n(n^2 - 1)', () => {
  // d = 0, 1, -1, 0, 0.
  expect(spearman([1, 2, 3, 4, 5], [1, 3, 2, 4, 5])).toBeCloseTo(1 - (6 * 2) / (5 * 24), 12);
});

test('with ties it is the correlation of the average ranks', () => {
  // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
});

test('what never varies has none, and lists of unlike length are refused', () => {
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN();
  expect(() => spearman([1], [1, 2])).toThrow(RangeError);
});
