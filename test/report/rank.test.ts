import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranks } from '../../src/report/rank.js';

test('best and second, ties sharing a mark', () => {
  expect(ranks([3, 1, 2])).toEqual(['best', undefined, 'second']);
  expect(ranks([5, 5, 4, 4, 3])).toEqual(['best', 'best', 'second', 'second', undefined]);
  expect(ranks([2, 2])).toEqual(['best', 'best']);
});

test('what is missing has no rank, and nothing is the best of itself', () => {
  expect(ranks([null, 1, null, 2])).toEqual([undefined, 'second', undefined, 'best']);
  expect(ranks([null, 7])).toEqual([undefined, undefined]);
  expect(ranks([])).toEqual([]);
});

test('ranks go by value and not by place', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { minLength: 2 });
  fc.assert(
    fc.property(values, (list) => {
      const byValue = new Map(list.map((value, i) => [value, ranks(list)[i]]));
      expect(ranks(list)).toEqual(list.map((value) => byValue.get(value)));
      const known = list.filter((value) => value !== null);
      const best = list.filter((_, i) => ranks(list)[i] === 'best');
      expect(best.every((value) => value === Math.max(...known))).toBe(true);
      expect(best.length > 0).toBe(known.length > 1);
    }),
  );
});
