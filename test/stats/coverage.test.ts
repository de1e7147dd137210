/** Small versions of `scripts/stats/coverage.ts` and `a-vs-a.ts`, which are run in full by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  callsDifferent,
  falseAlarms,
  type Recording,
  roundSpeeds,
} from '../../scripts/stats/a-vs-a-trials.js';
import {
  bootstrapOfShare,
  discordantShares,
  mcnemarLevel,
  pairedCoverage,
  ratioCoverage,
  ratioOfSumsCoverage,
  roundsCoverage,
  share,
  shareCoverage,
  studentCoverage,
  wilson,
} from '../../scripts/stats/simulations.js';
import { packageRoot } from '../../src/paths.js';
import { bootstrapInterval } from '../../src/stats/bootstrap.js';
import { Rng } from '../../src/stats/rng.js';
import { ratioEstimate } from '../../src/stats/rounds.js';
import { mean } from '../../src/stats/summary.js';

/** 93 to 97 %, and two standard errors of the simulation. */
function expectCoverage(rate: number, trials: number): void {
  const slack = 2 * Math.sqrt((0.05 * 0.95) / trials);
  expect(rate).toBeGreaterThan(0.93 - slack);
  expect(rate).toBeLessThan(0.97 + slack);
}

describe('intervals hold the truth 93 to 97 times in 100', () => {
  test.each([
    [100, 0.2],
    [200, 0.5],
    [300, 0.8],
  ])('Wilson and both bootstraps of a share: n = %d, p = %d', (n, p) => {
    const bootstraps = (['percentile', 'bca'] as const).map((kind) => bootstrapOfShare(kind, 300));
    for (const of of [wilson, ...bootstraps]) expectCoverage(shareCoverage(of, n, p, 1000), 1000);
  });

  test.each([
    [100, 0.8, 0.8],
    [200, 0.45, 0.5],
    [1000, 0.75, 0.8],
  ])("Tango's of a paired difference: n = %d, %d against %d", (n, own, baseline) => {
    expectCoverage(pairedCoverage(n, { own, baseline, phi: 0.6 }, 600), 600);
  });

  test('few discordant pairs: never much too seldom', () => {
    for (const own of [0.02, 0.05, 0.95, 0.98]) {
      expect(pairedCoverage(100, { own, baseline: own, phi: 0.6 }, 600)).toBeGreaterThan(0.93);
    }
  });

  test.each(['percentile', 'bca'] as const)('%s of a ratio of sums', (kind) => {
    expectCoverage(ratioOfSumsCoverage(kind, 100, 300, 300), 300);
  });

  test("Student's of a mean", () => {
    expectCoverage(studentCoverage(5, 2000), 2000);
  });

  test.each([2, 3, 5, 10])('a speed and a ratio of speeds from %d rounds', (k) => {
    expectCoverage(roundsCoverage(k, 0.1, 600), 600);
    // With two rounds Satterthwaite's degrees of freedom are careful.
    if (k > 2) expectCoverage(ratioCoverage(k, 0.1, 600), 600);
    else expect(ratioCoverage(k, 0.1, 600)).toBeGreaterThan(0.95);
  });
});

describe('equal methods are called different at most 5 times in 100', () => {
  test.each([
    [32, 0.5],
    [100, 0.8],
    [500, 0.3],
  ])('by the exact McNemar test: n = %d, p = %d', (n, p) => {
    const exact = mcnemarLevel('exact', n, p, 1500);
    expect(exact).toBeLessThanOrEqual(0.05);
    const midP = mcnemarLevel('mid-p', n, p, 1500);
    expect(midP).toBeGreaterThanOrEqual(exact);
    expect(midP).toBeLessThan(0.06);
  });

  test('shares of discordant pairs add up, or there are no such methods', () => {
    const shares = discordantShares({ own: 0.75, baseline: 0.8, phi: 0.6 })!;
    expect(shares.gained - shares.lost).toBeCloseTo(-0.05, 12);
    expect(shares.gained).toBeGreaterThan(0);
    expect(discordantShares({ own: 0.01, baseline: 0.9, phi: 0.6 })).toBeUndefined();
  });

  describe('A against A on recorded timings', () => {
    const path = join(packageRoot, 'test', 'fixtures', 'timings', 'reference-gsm8k.json');
    const { denoiseMs } = JSON.parse(readFileSync(path, 'utf8')) as Recording;
    const methods = Object.entries(denoiseMs);

    test('the recording is one of real noise', () => {
      expect(methods.length).toBeGreaterThanOrEqual(4);
      for (const [, rounds] of methods) {
        expect(rounds.length).toBeGreaterThanOrEqual(50);
        expect(new Set(roundSpeeds(rounds)).size).toBeGreaterThan(40);
      }
    });

    test.each([3, 5, 10])('two runs of %d rounds', (k) => {
      const rates = methods.map(([method, rounds]) =>
        falseAlarms(roundSpeeds(rounds), k, 200, `${method} ${k}`),
      );
      expect(mean(rates)).toBeLessThanOrEqual(0.05);
    });
  });

  test('what is faster is called so: the test has teeth', () => {
    const rng = new Rng('two speeds');
    const speeds = (middle: number) =>
      Array.from({ length: 5 }, () => middle * Math.exp(0.02 * rng.normal()));
    const called = share(200, () => callsDifferent(ratioEstimate(speeds(105), speeds(100))!));
    expect(called).toBeGreaterThan(0.8);
    expect(() => falseAlarms([1, 2, 3, 4, 5], 3, 1, 'x')).toThrow(RangeError);
  });
});

test('the bootstrap depends on its seed only, and needs two samples', () => {
  const draw = (seed: string) =>
    bootstrapInterval(5, (indices) => indices[0]!, new Rng(seed), { resamples: 50 });
  expect(draw('a')).toEqual(draw('a'));
  expect(bootstrapInterval(1, () => 1, new Rng('a'))).toBeUndefined();
});
