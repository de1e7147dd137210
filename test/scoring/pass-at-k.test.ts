import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passAtK } from '../../src/scoring/metrics/pass-at-k.js';

describe('pass@k', () => {
  it.each([
    [1, 1, 1, 1],
    [1, 0, 1, 0],
    [4, 2, 1, 1 / 2],
    [4, 2, 2, 5 / 6],
    [4, 2, 3, 1],
    [200, 1, 100, 1 / 2],
    [5, 0, 5, 0],
  ])('n=%i, c=%i, k=%i', (n, c, k, expected) => {
    expect(passAtK(n, c, k)).toBeCloseTo(expected, 12);
  });

  it('is the share of the draws of k that hold a passing sample', () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
    const counts = fc
      .integer({ min: 1, max: 30 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ min: 1, max: n })));
    fc.assert(
      fc.property(counts, ([n, c, k]) => {
        const failing = n - c < k ? 0 : choose(n - c, k) / choose(n, k);
        expect(passAtK(n, c, k)).toBeCloseTo(1 - failing, 10);
      }),
    );
  });

  it.each([
    [0, 0, 1],
    [3, 4, 1],
    [3, -1, 1],
    [3, 1, 0],
    [3, 1, 4],
    [3, 1.5, 1],
    [3, Number.NaN, 1],
  ])('refuses n=%d, c=%d, k=%d', (n, c, k) => {
    expect(() => passAtK(n, c, k)).toThrow(expect.objectContaining({ code: 'PASS_AT_K_COUNTS' }));
  });
});
