import { Rng } from '../../src/stats/rng.js';
import { type RoundsEstimate, ratioEstimate } from '../../src/stats/rounds.js';
import { sum } from '../../src/stats/summary.js';
import { share } from './simulations.js';

/** Times of decoding the same samples over and over, as `record-rounds.ts` writes them. */
export interface Recording {
  /** Of the machine and the run, in words. */
  readonly about: Readonly<Record<string, string | number>>;
  /** By method: a list of rounds, each with the denoising time of every sample in milliseconds. */
  readonly denoiseMs: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Speed of each round of a method up to a factor: rounds differ in nothing but the time they took. */
export function roundSpeeds(rounds: readonly (readonly number[])[]): number[] {
  return rounds.map((times) => 1000 / sum(times));
}

/** Whether an estimated ratio calls two runs different. */
export function callsDifferent({ low, high }: RoundsEstimate): boolean {
  return low > 1 || high < 1;
}

/**
 * How often two runs of `k` rounds each are called different that are drawn at random, without replacement,
 * from the rounds of one method.
 */
export function falseAlarms(speeds: readonly number[], k: number, trials: number, seed: string): number {
  if (speeds.length < 2 * k) throw new RangeError(`${speeds.length} rounds are too few for two runs of ${k}`);
  const rng = new Rng(seed);
  return share(trials, () => {
    const drawn = rng.shuffle(speeds);
    return callsDifferent(ratioEstimate(drawn.slice(0, k), drawn.slice(k, 2 * k))!);
  });
}

/**
 * The same of runs of `k` rounds that follow each other, wherever they begin: what slow drift of the machine adds,
 * which drawing at random spreads over both runs.
 */
export function neighbourAlarms(speeds: readonly number[], k: number): number {
  const starts = speeds.length - 2 * k + 1;
  let start = 0;
  return share(starts, () => {
    const [own, next] = [speeds.slice(start, start + k), speeds.slice(start + k, start + 2 * k)];
    start += 1;
    return callsDifferent(ratioEstimate(own, next)!);
  });
}
