import { describe, expect, test } from 'vitest';
import { bootstrapInterval } from '../../src/stats/bootstrap.js';
import { mcnemarExact } from '../../src/stats/mcnemar.js';
import { Rng } from '../../src/stats/rng.js';
import { meanInterval } from '../../src/stats/student.js';
import { sum } from '../../src/stats/summary.js';
import { wilsonInterval } from '../../src/stats/wilson.js';

/** Share of simulated data sets whose 95 % interval holds the truth. */
function coverage(trials: number, hit: () => boolean): number {
  let hits = 0;
  for (let i = 0; i < trials; i++) if (hit()) hits++;
  return hits / trials;
}

describe('intervals hold the truth about 95 times in 100', () => {
  test.each([
    [0.5, 200],
    [0.85, 200],
    [0.97, 164],
  ])('Wilson, share %d of %d', (share, trials) => {
    const rng = new Rng(`wilson ${share}`);
    const rate = coverage(2000, () => {
      const successes = sum(Array.from({ length: trials }, () => Number(rng.uniform() < share)));
      const { low, high } = wilsonInterval(successes, trials);
      return low <= share && share <= high;
    });
    expect(rate).toBeGreaterThan(0.93);
    expect(rate).toBeLessThan(0.975);
  });

  test('Student, five repeats', () => {
    const rng = new Rng('student');
    const rate = coverage(2000, () => {
      const { low, high } = meanInterval(Array.from({ length: 5 }, () => 10 + rng.normal()))!;
      return low <= 10 && 10 <= high;
    });
    expect(rate).toBeGreaterThan(0.935);
    expect(rate).toBeLessThan(0.965);
  });

  test('bootstrap, ratio of sums over 60 samples', () => {
    const rng = new Rng('bootstrap');
    const rate = coverage(300, () => {
      const samples = Array.from({ length: 60 }, () => {
        const base = Math.exp(0.4 * rng.normal());
        return { base, fast: (base / 2) * Math.exp(0.1 * rng.normal()) };
      });
      const ratio = (indices: Uint32Array): number => {
        let base = 0;
        let fast = 0;
        for (const i of indices) {
          base += samples[i]!.base;
          fast += samples[i]!.fast;
        }
        return base / fast;
      };
      const { low, high } = bootstrapInterval(60, ratio, rng, { resamples: 300 })!;
      const truth = 2 / Math.exp(0.1 ** 2 / 2);
      return low <= truth && truth <= high;
    });
    expect(rate).toBeGreaterThan(0.9);
    expect(rate).toBeLessThan(0.985);
  });
});

test('McNemar calls equal methods different at most 5 times in 100', () => {
  const rng = new Rng('mcnemar');
  const rate = coverage(2000, () => {
    let [first, second] = [0, 0];
    for (let i = 0; i < 100; i++) {
      const [a, b] = [rng.uniform() < 0.8, rng.uniform() < 0.8];
      if (a && !b) first++;
      if (b && !a) second++;
    }
    return mcnemarExact(first, second) < 0.05;
  });
  expect(rate).toBeLessThan(0.06);
  expect(rate).toBeGreaterThan(0.01);
});

test('the bootstrap depends on its seed only, and needs two samples', () => {
  const draw = (seed: string) =>
    bootstrapInterval(5, (indices) => indices[0]!, new Rng(seed), { resamples: 50 });
  expect(draw('a')).toEqual(draw('a'));
  expect(bootstrapInterval(1, () => 1, new Rng('a'))).toBeUndefined();
});
