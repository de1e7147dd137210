import { type RoundsEstimate, roundsEstimate } from '../stats/rounds.js';
import type { Interval } from '../stats/student.js';
import { median, sum } from '../stats/summary.js';
import { speedsByRound, type TimedSample } from './timings.js';

/** Rates in tokens per second of denoising; ratios of sums over the samples, each with its median time. */
export interface Speed {
  /** By canvas tokens, the paper's kind. */
  readonly tps: number;
  readonly tpsInterval: Interval | undefined;
  readonly tpsToEos: number;
  readonly tpsNonEos: number;
  readonly tpsWithPrompt: number;
  /** Median of a sample, in seconds. */
  readonly latencySeconds: number;
  /** Against the baseline on the samples that both have; undefined if there are none. */
  readonly speedup: number | undefined;
  readonly speedupInterval: Interval | undefined;
}

/**
 * Speed of a cell; undefined if no sample has a time. Intervals are of 95 % and tell what the same run on the same
 * machine would give again: they come from the repeated rounds of some samples, and are laid around the rate of
 * all. Without repeats there is none. Rounds are shared with the baseline, so what the machine does in one of them
 * cancels out of the speed-up.
 */
export function speed(timed: readonly TimedSample[], baseline: readonly TimedSample[]): Speed | undefined {
  if (timed.length === 0) return undefined;
  const seconds = sum(timed.map((sample) => sample.seconds));
  const total = (pick: (sample: TimedSample) => number): number => sum(timed.map(pick));
  const own = speedsByRound(timed);
  const tps = total(({ tokens }) => tokens.canvas) / seconds;
  const speedup = speedupOf(timed, baseline);
  return {
    tps,
    tpsInterval: around(tps, roundsEstimate([...own.values()])),
    tpsToEos: total(({ tokens }) => tokens.toEos) / seconds,
    tpsNonEos: total(({ tokens }) => tokens.nonEos) / seconds,
    tpsWithPrompt: total(({ tokens, promptTokens }) => tokens.canvas + promptTokens) / seconds,
    latencySeconds: median(timed.map((sample) => sample.seconds)),
    speedup,
    speedupInterval: around(speedup, roundsEstimate(ratiosByRound(own, speedsByRound(baseline)))),
  };
}

function ratiosByRound(own: ReadonlyMap<number, number>, baseline: ReadonlyMap<number, number>): number[] {
  return [...own].flatMap(([round, tps]) => {
    const other = baseline.get(round);
    return other === undefined ? [] : [tps / other];
  });
}

/** Ratio of the rates on the samples that both have. */
function speedupOf(timed: readonly TimedSample[], baseline: readonly TimedSample[]): number | undefined {
  const others = new Map(baseline.map((sample) => [sample.sample, sample]));
  const pairs = timed.flatMap((own) => {
    const other = others.get(own.sample);
    return other === undefined ? [] : [{ own, other }];
  });
  if (pairs.length === 0) return undefined;
  const rate = (samples: readonly TimedSample[]): number =>
    sum(samples.map(({ tokens }) => tokens.canvas)) / sum(samples.map(({ seconds }) => seconds));
  return rate(pairs.map(({ own }) => own)) / rate(pairs.map(({ other }) => other));
}

/** The relative interval of the rounds around a rate that more samples went into. */
function around(value: number | undefined, estimate: RoundsEstimate | undefined): Interval | undefined {
  if (value === undefined || estimate === undefined) return undefined;
  return { low: (value * estimate.low) / estimate.median, high: (value * estimate.high) / estimate.median };
}
