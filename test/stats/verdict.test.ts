import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mcnemarExact } from '../../src/stats/mcnemar.js';
import { type PairedCounts, pairedDifferenceInterval } from '../../src/stats/paired-difference.js';
import { Rng } from '../../src/stats/rng.js';
import {
  detectableDifference,
  neededForDifference,
  neededForEquivalence,
  neededForNonInferiority,
} from '../../src/stats/sample-size.js';
import { accuracyVerdict, accuracyWords, speedupValidity, validityWords } from '../../src/stats/verdict.js';

/** The words for a method that stands alone beside its baseline. */
function judge(n: number, gained: number, lost: number, { lengthRatio = 1, comparisons = 1 } = {}): string[] {
  const counts = { n, gained, lost };
  const adjustedP = Math.min(1, comparisons * mcnemarExact(gained, lost));
  return [
    accuracyWords(accuracyVerdict(counts, { adjustedP, comparisons })),
    validityWords(speedupValidity(counts, lengthRatio)),
  ];
}

describe('words', () => {
  test.each([
    [32, 1, 3, 'cannot tell with n = 32 (needs about 250)'],
    [32, 0, 0, 'cannot tell with n = 32 (needs about 390)'],
    [100, 10, 10, 'cannot tell with n = 100 (needs about 22000)'],
    [400, 0, 0, 'same within 1 point'],
    [20_000, 20, 60, 'same within 1 point'],
    [200, 20, 4, 'better'],
    [200, 4, 20, 'worse'],
  ])('%d samples, %d gained, %d lost: %s', (n, gained, lost, words) => {
    expect(judge(n, gained, lost)[0]).toBe(words);
  });

  test.each([
    [400, 0, 0, 1, 'speed-up valid'],
    [400, 0, 0, 0.9, 'speed-up valid'],
    [400, 0, 0, 0.8999, 'speed-up not valid: answers are 89 % as long'],
    [400, 0, 0, 0.71, 'speed-up not valid: answers are 71 % as long'],
    [400, 60, 3, 0.29, 'speed-up not valid: answers are 29 % as long'],
    [400, 3, 60, 1, 'speed-up not valid: accuracy is 14.2 points lower'],
    [400, 3, 60, 0.5, 'speed-up not valid: answers are 50 % as long and accuracy is 14.2 points lower'],
    [400, 60, 3, 1, 'speed-up valid'],
    [32, 1, 3, 1, 'speed-up not shown to be valid: accuracy may be 21.9 points lower (needs about n = 9900)'],
    [
      200,
      4,
      14,
      1,
      'speed-up not shown to be valid: accuracy may be 9.8 points lower (needs about n = 7100)',
    ],
    [32, 0, 0, 1, 'speed-up not shown to be valid: accuracy may be 10.8 points lower (needs about n = 390)'],
  ])('%d samples, %d gained, %d lost, answers x %d: %s', (n, gained, lost, lengthRatio, words) => {
    expect(judge(n, gained, lost, { lengthRatio })[1]).toBe(words);
  });

  test('beside eleven others one p-value below 0.05 tells nothing yet, and more samples are needed', () => {
    expect(judge(200, 14, 4)[0]).toBe('better');
    expect(judge(200, 14, 4, { comparisons: 12 })[0]).toBe('cannot tell with n = 200 (needs about 500)');
  });

  test('another margin', () => {
    const counts = { n: 2000, gained: 20, lost: 20 };
    const words = (margin: number): string =>
      accuracyWords(accuracyVerdict(counts, { adjustedP: 1, comparisons: 1 }, margin));
    expect(words(0.02)).toBe('same within 2 points');
    expect(words(0.005)).toMatch(/^cannot tell/);
    expect(words(0.0075)).toBe('same within 0.75 points');
    expect(speedupValidity({ n: 200, gained: 4, lost: 6 }, 1, 0.05).kind).toBe('valid');
  });
});

test('a method that is worse has no valid speed-up, one that is the same has, and more samples are more than there are', () => {
  const counts = fc
    .tuple(fc.nat(60), fc.nat(60), fc.nat(3000))
    .map(([gained, lost, others]): PairedCounts => ({ n: gained + lost + others, gained, lost }))
    .filter(({ n }) => n > 0);
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 12 }), (pairs, comparisons) => {
      const adjustedP = Math.min(1, comparisons * mcnemarExact(pairs.gained, pairs.lost));
      const verdict = accuracyVerdict(pairs, { adjustedP, comparisons });
      const validity = speedupValidity(pairs, 1);
      if (verdict.kind === 'worse') expect(validity.kind).not.toBe('valid');
      if (verdict.kind === 'same') expect(validity.kind).toBe('valid');
      if (verdict.kind === 'unknown') expect(verdict.needed).toBeGreaterThan(pairs.n);
      if (validity.kind === 'unproven') expect(validity.needed).toBeGreaterThan(pairs.n);
      if (validity.kind === 'unproven') expect(validity.possibleLoss).toBeGreaterThanOrEqual(0.01);
    }),
    { numRuns: 1000 },
  );
});

describe('the samples needed are those that find it 8 times in 10', () => {
  /** Share of simulated comparisons of `n` samples in which `found` holds. */
  function share(n: number, gain: number, loss: number, found: (counts: PairedCounts) => boolean): number {
    const rng = new Rng(`power ${n} ${gain}`);
    const trials = 600;
    let hits = 0;
    for (let t = 0; t < trials; t++) {
      let [gained, lost] = [0, 0];
      for (let i = 0; i < n; i++) {
        const u = rng.uniform();
        if (u < gain) gained++;
        else if (u < gain + loss) lost++;
      }
      if (found({ n, gained, lost })) hits++;
    }
    return hits / trials;
  }
  // 600 trials: standard error 1.6 points.
  const expectAboutEighty = (rate: number): void => {
    expect(rate).toBeGreaterThan(0.74);
    expect(rate).toBeLessThan(0.87);
  };

  test('a difference', () => {
    const n = Math.ceil(neededForDifference(0.06, 0.14));
    expect(n).toBe(303);
    expectAboutEighty(share(n, 0.1, 0.04, ({ gained, lost }) => mcnemarExact(gained, lost) < 0.05));
    expect(neededForDifference(-0.06, 0.14)).toBeCloseTo(neededForDifference(0.06, 0.14), 6);
    expect(neededForDifference(0, 0.14)).toBe(Number.POSITIVE_INFINITY);
  });

  test('non-inferiority', () => {
    const n = Math.ceil(neededForNonInferiority(0, 0.1, 0.03));
    expect(n).toBe(873);
    expectAboutEighty(share(n, 0.05, 0.05, (counts) => pairedDifferenceInterval(counts).low > -0.03));
    expect(neededForNonInferiority(-0.03, 0.1, 0.03)).toBe(Number.POSITIVE_INFINITY);
  });

  test('equivalence', () => {
    const n = Math.ceil(neededForEquivalence(0, 0.1, 0.03));
    const within = (counts: PairedCounts): boolean => {
      const { low, high } = pairedDifferenceInterval(counts);
      return low > -0.03 && high < 0.03;
    };
    expectAboutEighty(share(n, 0.05, 0.05, within));
  });

  test('the detectable difference is the other way round', () => {
    const difference = detectableDifference(303, 0.14)!;
    expect(difference).toBeCloseTo(0.06, 3);
    expect(neededForDifference(difference, 0.14)).toBeCloseTo(303, 6);
    expect(detectableDifference(300, 0.14, { alpha: 0.01 })).toBeGreaterThan(difference);
    // HumanEval with 2 % discordant pairs: even if all of them went one way.
    expect(detectableDifference(164, 0.02)).toBeUndefined();
    expect(detectableDifference(164, 0)).toBeUndefined();
  });
});
