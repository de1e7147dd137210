import { bcaInterval } from '../../src/stats/bca.js';
import { bootstrapInterval } from '../../src/stats/bootstrap.js';
import { mcnemarExact, mcnemarMidP } from '../../src/stats/mcnemar.js';
import { type PairedCounts, pairedDifferenceInterval } from '../../src/stats/paired-difference.js';
import { Rng } from '../../src/stats/rng.js';
import { ratioEstimate, roundsEstimate } from '../../src/stats/rounds.js';
import { type Interval, meanInterval } from '../../src/stats/student.js';
import { wilsonInterval } from '../../src/stats/wilson.js';

/** Share of `trials` data sets for which `hit` holds. */
export function share(trials: number, hit: () => boolean): number {
  let hits = 0;
  for (let i = 0; i < trials; i++) if (hit()) hits++;
  return hits / trials;
}

const holds = (interval: Interval | undefined, truth: number): boolean =>
  interval !== undefined && interval.low <= truth && truth <= interval.high;

/** An interval of a share, from the number of successes. */
export type ShareInterval = (successes: number, n: number) => Interval;

/** How often the interval of a share holds it. */
export function shareCoverage(of: ShareInterval, n: number, p: number, trials: number): number {
  const rng = new Rng(`share ${n} ${p}`);
  return share(trials, () => {
    let successes = 0;
    for (let i = 0; i < n; i++) if (rng.uniform() < p) successes++;
    return holds(of(successes, n), p);
  });
}

export const wilson: ShareInterval = wilsonInterval;

/**
 * The bootstrap of a share. Its draws depend on the counts alone, and it takes the results of a few seeds in turn
 * instead of drawing anew for each data set: a thousand times as fast. Few of them where `n` is large: there a
 * bound that falls on the next possible share matters little.
 */
export function bootstrapOfShare(kind: 'percentile' | 'bca', resamples: number): ShareInterval {
  const known = new Map<string, Interval>();
  let calls = 0;
  return (successes, n) => {
    calls += 1;
    const seeds = Math.ceil(1600 / n);
    const seed = `${kind} ${successes} of ${n}, ${calls % seeds}`;
    const interval = known.get(seed) ?? computed(seed, successes, n);
    known.set(seed, interval);
    return interval;
  };
  function computed(seed: string, successes: number, n: number): Interval {
    const statistic = (indices: Uint32Array): number => {
      let count = 0;
      for (const i of indices) if (i < successes) count++;
      return count / indices.length;
    };
    return bootstraps[kind](n, statistic, new Rng(seed), { resamples })!;
  }
}

const bootstraps = { percentile: bootstrapInterval, bca: bcaInterval };

/**
 * How often the bootstrap of a ratio of sums over paired samples holds it: times of two methods, whose samples
 * differ by a log-normal factor that both share, and by a smaller one of each.
 */
export function ratioOfSumsCoverage(
  kind: 'percentile' | 'bca',
  n: number,
  trials: number,
  resamples: number,
): number {
  const rng = new Rng(`ratio of sums ${kind} ${n}`);
  const [base, fast] = [new Float64Array(n), new Float64Array(n)];
  const truth = 2 / Math.exp(0.2 ** 2 / 2);
  const ratio = (indices: Uint32Array): number => {
    let [above, below] = [0, 0];
    for (const i of indices) {
      above += base[i]!;
      below += fast[i]!;
    }
    return above / below;
  };
  return share(trials, () => {
    for (let i = 0; i < n; i++) {
      base[i] = Math.exp(0.4 * rng.normal());
      fast[i] = (base[i]! / 2) * Math.exp(0.2 * rng.normal());
    }
    return holds(bootstraps[kind](n, ratio, rng, { resamples }), truth);
  });
}

/** Two methods on the same samples: their accuracies, and how far they are right on the same ones (phi). */
export interface PairedTruth {
  readonly own: number;
  readonly baseline: number;
  readonly phi: number;
}

/** Undefined where there are no such methods. */
export function discordantShares({ own, baseline, phi }: PairedTruth) {
  const both = own * baseline + phi * Math.sqrt(own * (1 - own) * baseline * (1 - baseline));
  const [gained, lost] = [own - both, baseline - both];
  return gained < 0 || lost < 0 || gained + lost + both > 1 ? undefined : { gained, lost };
}

/** Data sets of paired results. */
export function pairedCounts(n: number, truth: PairedTruth, rng: Rng): PairedCounts {
  const shares = discordantShares(truth)!;
  let [gained, lost] = [0, 0];
  for (let i = 0; i < n; i++) {
    const u = rng.uniform();
    if (u < shares.gained) gained++;
    else if (u < shares.gained + shares.lost) lost++;
  }
  return { n, gained, lost };
}

/** How often Tango's interval holds the difference. */
export function pairedCoverage(n: number, truth: PairedTruth, trials: number): number {
  const rng = new Rng(`paired ${n} ${truth.own} ${truth.baseline}`);
  return share(trials, () =>
    holds(pairedDifferenceInterval(pairedCounts(n, truth, rng)), truth.own - truth.baseline),
  );
}

/** How often McNemar's test calls two equally good methods different. */
export function mcnemarLevel(kind: 'exact' | 'mid-p', n: number, p: number, trials: number): number {
  const rng = new Rng(`mcnemar ${n} ${p}`);
  const test = kind === 'exact' ? mcnemarExact : mcnemarMidP;
  return share(trials, () => {
    const { gained, lost } = pairedCounts(n, { own: p, baseline: p, phi: 0.6 }, rng);
    return test(gained, lost) < 0.05;
  });
}

/** How often Student's interval of `k` normal values holds the mean. */
export function studentCoverage(k: number, trials: number): number {
  const rng = new Rng(`student ${k}`);
  return share(trials, () => holds(meanInterval(Array.from({ length: k }, () => 10 + rng.normal())), 10));
}

/** How often the interval of `k` rounds under log-normal noise of the given spread holds the median. */
export function roundsCoverage(k: number, spread: number, trials: number): number {
  const rng = new Rng(`rounds ${k} ${spread}`);
  return share(trials, () => holds(roundsEstimate(speeds(rng, k, 80, spread)), 80));
}

/** How often the interval of a ratio holds it; the baseline's noise is half of the method's. */
export function ratioCoverage(k: number, spread: number, trials: number): number {
  const rng = new Rng(`ratio ${k} ${spread}`);
  return share(trials, () =>
    holds(ratioEstimate(speeds(rng, k, 160, spread), speeds(rng, k, 80, spread / 2)), 2),
  );
}

function speeds(rng: Rng, k: number, middle: number, spread: number): number[] {
  return Array.from({ length: k }, () => middle * Math.exp(spread * rng.normal()));
}
