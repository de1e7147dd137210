import { median, sum } from '../stats/summary.js';
import type { RepeatRow } from './repeats.js';
import type { SampleOutput, SampleRow } from './samples.js';

/** The measured times of one sample of a cell, by round: round 1 is the decoding whose answer counts. */
export interface TimedSample {
  readonly sample: string;
  readonly promptTokens: number;
  readonly tokens: SampleOutput['tokens'];
  /** Seconds of the denoising loop; never empty. */
  readonly rounds: ReadonlyMap<number, number>;
  /** Median over the rounds. */
  readonly seconds: number;
}

/** A clock may not see a decoding of a few rows at all. */
const shortestMs = 1e-3;

/**
 * The samples of a cell that have a time. A decoding beside others is none; a sample without an output neither.
 *
 * @param samples Of one cell.
 * @param repeats Of the same cell.
 */
export function timedSamples(samples: readonly SampleRow[], repeats: readonly RepeatRow[]): TimedSample[] {
  const bySample = new Map<string, RepeatRow[]>();
  for (const row of repeats) bySample.set(row.sample, [...(bySample.get(row.sample) ?? []), row]);
  return samples.flatMap(({ sample, promptTokens, output }) => {
    if (output === null) return [];
    const seconds = (ms: number) => Math.max(ms, shortestMs) / 1000;
    const rounds = new Map<number, number>();
    if (output.timings.shared !== true) rounds.set(1, seconds(output.timings.denoiseMs));
    for (const { round, denoiseMs } of bySample.get(sample) ?? []) rounds.set(round, seconds(denoiseMs));
    if (rounds.size === 0) return [];
    return [{ sample, promptTokens, tokens: output.tokens, rounds, seconds: median([...rounds.values()]) }];
  });
}

/**
 * Canvas tokens per second of each complete round, by its number: over the samples that were repeated, so that rounds
 * differ in nothing but the time they took. Empty where nothing was repeated.
 */
export function speedsByRound(timed: readonly TimedSample[]): ReadonlyMap<number, number> {
  const repeated = timed.filter(({ rounds }) => rounds.size > 1 || !rounds.has(1));
  const [first] = repeated;
  if (first === undefined) return new Map();
  const complete = [...first.rounds.keys()].filter((round) =>
    repeated.every(({ rounds }) => rounds.has(round)),
  );
  const canvas = sum(repeated.map(({ tokens }) => tokens.canvas));
  const seconds = (round: number) => sum(repeated.map(({ rounds }) => rounds.get(round)!));
  return new Map(complete.map((round) => [round, canvas / seconds(round)]));
}

/** The speeds of `speedsByRound`. */
export function roundSpeeds(timed: readonly TimedSample[]): number[] {
  return [...speedsByRound(timed).values()];
}
