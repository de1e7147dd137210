/** Expected values are those of `scripts/stats/oracles.py`, which computes them in other ways. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { bcaInterval, bcaOfValues, jackknifeAcceleration } from '../../src/stats/bca.js';
import { holmAdjusted } from '../../src/stats/holm.js';
import { mcnemarExact, mcnemarMidP } from '../../src/stats/mcnemar.js';
import { normalCdf, normalQuantile } from '../../src/stats/normal.js';
import { meanDifferenceInterval, meanRatioInterval } from '../../src/stats/paired-bootstrap.js';
import { pairedDifferenceInterval } from '../../src/stats/paired-difference.js';
import { Rng } from '../../src/stats/rng.js';
import { ratioEstimate, roundsEstimate } from '../../src/stats/rounds.js';
import { mean, sum } from '../../src/stats/summary.js';

function fixture<T>(name: string): T {
  return JSON.parse(
    readFileSync(join(packageRoot, 'test', 'fixtures', 'stats', `${name}.json`), 'utf8'),
  ) as T;
}

const close = (actual: number, expected: number, relative = 1e-11): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));

interface Bounds {
  readonly low: number;
  readonly high: number;
}

describe('normal distribution', () => {
  const { cdf, quantile } = fixture<Record<'cdf' | 'quantile', { x: number; p: number }[]>>('normal');
  test.each(cdf)('P(Z <= $x)', ({ x, p }) => close(normalCdf(x), p));
  test.each(quantile)('quantile $p', ({ p, x }) =>
    expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(x))));

  test('at its ends', () => {
    expect([0, 1].map(normalQuantile)).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect([-60, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([0, 0, 1]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});

const mcnemar = fixture<{ cases: { first: number; second: number; exact: number; midP: number }[] }>(
  'mcnemar',
);
test.each(mcnemar.cases)('McNemar of $first against $second', ({ first, second, exact, midP }) => {
  for (const [a, b] of [
    [first, second],
    [second, first],
  ] as const) {
    close(mcnemarExact(a, b), exact, 1e-10);
    close(mcnemarMidP(a, b), midP, 1e-9);
  }
});

describe('Holm', () => {
  const { cases } = fixture<{ cases: { p: number[]; adjusted: number[] }[] }>('holm');
  test.each(cases)('$p', ({ p, adjusted }) => {
    for (const [i, value] of holmAdjusted(p).entries()) close(value, adjusted[i]!);
  });

  test('no tests, no p-values', () => {
    expect(holmAdjusted([])).toEqual([]);
  });
});

describe("Tango's interval of a paired difference", () => {
  const { cases } = fixture<{ cases: ({ n: number; gained: number; lost: number } & Bounds)[] }>(
    'paired-difference',
  );
  test.each(cases)('$gained gained and $lost lost of $n', ({ low, high, ...counts }) => {
    const interval = pairedDifferenceInterval(counts);
    close(interval.low, low, 1e-9);
    close(interval.high, high, 1e-9);
  });

  test('swapping the methods turns it around; it holds the difference and stays inside [-1, 1]', () => {
    const counts = fc
      .tuple(fc.nat(300), fc.nat(300), fc.nat(300))
      .map(([gained, lost, others]) => ({ n: gained + lost + others, gained, lost }))
      .filter(({ n }) => n > 0);
    fc.assert(
      fc.property(counts, ({ n, gained, lost }) => {
        const { low, high } = pairedDifferenceInterval({ n, gained, lost });
        const swapped = pairedDifferenceInterval({ n, gained: lost, lost: gained });
        expect(swapped.low).toBeCloseTo(-high, 9);
        expect(swapped.high).toBeCloseTo(-low, 9);
        const difference = (gained - lost) / n;
        expect(-1 <= low && low <= difference && difference <= high && high <= 1).toBe(true);
        expect(high - low).toBeGreaterThan(0);
      }),
    );
  });

  test('of nothing is everything; of one-sided results ends at 1', () => {
    expect(pairedDifferenceInterval({ n: 0, gained: 0, lost: 0 })).toEqual({ low: -1, high: 1 });
    expect(pairedDifferenceInterval({ n: 5, gained: 5, lost: 0 }).high).toBe(1);
    expect(pairedDifferenceInterval({ n: 5, gained: 0, lost: 5 }).low).toBe(-1);
  });
});

describe('BCa', () => {
  interface Case extends Bounds {
    readonly pairs: [number, number][];
    readonly statistic: 'difference' | 'ratio';
    readonly acceleration: number;
  }
  const { cases, published } = fixture<{
    cases: Case[];
    published: Bounds & { values: number[]; acceleration: number };
  }>('bca');

  test.each(cases)('$statistic over all draws of $pairs', ({ pairs, statistic, ...expected }) => {
    const of = (drawn: readonly [number, number][]): number => {
      const [own, baseline] = [sum(drawn.map(([a]) => a)), sum(drawn.map(([, b]) => b))];
      return statistic === 'ratio' ? own / baseline : (own - baseline) / drawn.length;
    };
    const all = Array.from({ length: pairs.length ** pairs.length }, (_, code) =>
      of(pairs.map((_, i) => pairs[Math.floor(code / pairs.length ** i) % pairs.length]!)),
    );
    const leftOut = pairs.map((_, i) => of(pairs.filter((_, j) => j !== i)));
    expect(jackknifeAcceleration(leftOut)).toBeCloseTo(expected.acceleration, 12);
    const { low, high } = bcaOfValues(all, of(pairs), leftOut, 0.95);
    close(low, expected.low, 1e-9);
    close(high, expected.high, 1e-9);

    // And drawn at random: near, as far as this many draws tell.
    const drawn = (statistic === 'ratio' ? meanRatioInterval : meanDifferenceInterval)(
      pairs.map(([own, baseline]) => ({ own, baseline })),
      new Rng('draws'),
      { resamples: 20_000 },
    )!;
    expect(Math.abs(drawn.low - low)).toBeLessThan(0.06 * (high - low));
    expect(Math.abs(drawn.high - high)).toBeLessThan(0.06 * (high - low));
  });

  test('the variance of the spatial data, as published', () => {
    const { values } = published;
    const variance = (indices: Uint32Array): number => {
      const chosen = Array.from(indices, (i) => values[i]!);
      const centre = mean(chosen);
      return mean(chosen.map((value) => (value - centre) ** 2));
    };
    const indices = Uint32Array.from(values.keys());
    const leftOut = values.map((_, i) => variance(indices.filter((j) => j !== i)));
    expect(jackknifeAcceleration(leftOut)).toBeCloseTo(published.acceleration, 3);
    const { low, high } = bcaInterval(values.length, variance, new Rng('spatial'), { confidence: 0.9 })!;
    expect(Math.abs(low - published.low)).toBeLessThan(5);
    expect(Math.abs(high - published.high)).toBeLessThan(9);
  });

  test('depends on its seed only, needs two samples, and of one value is that value', () => {
    const draw = (seed: string) =>
      bcaInterval(6, (drawn) => mean([...drawn]), new Rng(seed), { resamples: 99 });
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
    expect(bcaInterval(1, () => 1, new Rng('a'))).toBeUndefined();
    expect(bcaInterval(9, () => 4, new Rng('a'))).toEqual({ low: 4, high: 4 });
  });
});

describe('rounds', () => {
  interface Estimate extends Bounds {
    readonly median: number;
  }
  const { single, ratios } = fixture<{
    single: (Estimate & { values: number[] })[];
    ratios: (Estimate & { own: number[]; baseline: number[] })[];
  }>('rounds');

  const check = (actual: ReturnType<typeof roundsEstimate>, { median, low, high }: Estimate): void => {
    close(actual!.median, median);
    close(actual!.low, Math.min(low, median), 1e-10);
    close(actual!.high, Math.max(high, median), 1e-10);
    close(actual!.relativeHalfWidth, (actual!.high - actual!.low) / 2 / median);
  };
  test.each(single)('the speed of $values', ({ values, ...expected }) =>
    check(roundsEstimate(values), expected));
  test.each(ratios)('$own by $baseline', ({ own, baseline, ...expected }) =>
    check(ratioEstimate(own, baseline), expected));

  test('the interval holds the median, beside whatever outlier', () => {
    const speeds = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(speeds, speeds, (own, baseline) => {
        for (const estimate of [roundsEstimate(own)!, ratioEstimate(own, baseline)!]) {
          expect(estimate.low).toBeLessThanOrEqual(estimate.median);
          expect(estimate.high).toBeGreaterThanOrEqual(estimate.median);
        }
      }),
    );
    const slowRounds = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 1 : 100));
    expect(roundsEstimate(slowRounds)).toMatchObject({ median: 100, high: 100 });
  });

  test('wider at higher confidence, a point for equal rounds, none for one, an error for no speed', () => {
    const values = [10, 11, 12];
    expect(roundsEstimate(values, 0.99)!.low).toBeLessThan(roundsEstimate(values)!.low);
    expect(roundsEstimate([5, 5, 5])).toEqual({ median: 5, low: 5, high: 5, relativeHalfWidth: 0 });
    expect(ratioEstimate([6, 6], [3, 3])).toMatchObject({
      median: 2,
      relativeHalfWidth: expect.closeTo(0, 12),
    });
    expect([roundsEstimate([1]), ratioEstimate([1], values), ratioEstimate(values, [])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => roundsEstimate([1, bad])).toThrow(RangeError);
    }
  });
});
