/** Expected values are those of SciPy 1.17.1 and NumPy. */
import { describe, expect, test } from 'vitest';
import { mcnemarExact } from '../../src/stats/mcnemar.js';
import { incompleteBeta, invertIncreasing, logGamma } from '../../src/stats/special.js';
import { meanInterval, studentCdf, studentQuantile } from '../../src/stats/student.js';
import { mean, median, quantile, standardDeviation } from '../../src/stats/summary.js';
import { wilsonInterval } from '../../src/stats/wilson.js';

const close = (actual: number, expected: number, relative = 1e-11): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));

describe('special functions', () => {
  test.each([
    [0.1, 2.252712651734206],
    [5.5, 3.9578139676187165],
    [100, 359.1342053695754],
    [1e4, 82099.71749644238],
  ])('ln Gamma(%d)', (x, expected) => close(logGamma(x), expected));

  test.each([
    [0.3, 2, 5, 0.579825],
    [0.99, 0.5, 0.5, 0.9362314391414803],
    [0.001, 10, 0.1, 1.3183622672484145e-32],
    [0.5, 200, 300, 0.9999964565197356],
    [0, 1, 1, 0],
    [1, 1, 1, 1],
  ])('I_%d(%d, %d)', (x, a, b, expected) => close(incompleteBeta(x, a, b), expected));

  test('bisection finds the root', () => {
    close(
      invertIncreasing((x) => x * x, 2, 0, 2),
      Math.SQRT2,
      1e-15,
    );
  });
});

describe("Student's t", () => {
  test.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 4, 2.7764451051977934],
    [0.975, 30, 2.0422724563012378],
    [0.995, 9, 3.249835541592126],
    [0.6, 2, 0.2886751345948128],
    [0.025, 1000, -1.9623390808264083],
  ])('quantile %d with %d degrees of freedom', (p, df, expected) =>
    close(studentQuantile(p, df), expected, 1e-10));

  test.each([
    [0.5, 3, 0.6742760175759245],
    [-2.1, 7, 0.036935598106461326],
    [12, 2, 0.9965635331614208],
  ])('P(T <= %d), %d degrees of freedom', (t, df, expected) => close(studentCdf(t, df), expected));

  test('interval of a mean', () => {
    const { low, high } = meanInterval([8.1, 7.9, 8.4, 8.0, 8.2])!;
    close(low, 7.881161161190001);
    close(high, 8.358838838809998);
    expect(meanInterval([1])).toBeUndefined();
  });
});

test.each([
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371109, 1],
  [81, 263, 0.2552885198782742, 0.36620957698280004],
  [150, 200, 0.6856590168795417, 0.8049183199318249],
])('Wilson interval of %d in %d', (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials);
  close(interval.low, low);
  close(interval.high, high);
});

test('Wilson interval of nothing is everything', () => {
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
});

test.each([
  [0, 0, 1],
  [0, 5, 0.0625],
  [1, 9, 0.021484375],
  [10, 3, 0.09228515625],
  [40, 60, 0.05688793364098089],
  [7, 7, 1],
  [300, 200, 8.940066542253288e-6],
])('exact McNemar of %d against %d', (first, second, expected) => {
  close(mcnemarExact(first, second), expected, 1e-10);
  close(mcnemarExact(second, first), expected, 1e-10);
});

test('order statistics and moments', () => {
  const values = [3, 1, 4, 1, 5, 9];
  expect([0, 0.1, 0.5, 0.9, 1].map((p) => quantile(values, p))).toEqual([1, 1, 3.5, 7, 9]);
  expect(median([2, 1])).toBe(1.5);
  expect(mean(values)).toBeCloseTo(23 / 6, 14);
  close(standardDeviation(values), 2.9944392908634274);
  expect(median([])).toBeNaN();
  expect(values).toEqual([3, 1, 4, 1, 5, 9]);
});
