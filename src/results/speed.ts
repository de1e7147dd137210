import { bootstrapInterval } from '../stats/bootstrap.js';
import { Rng } from '../stats/rng.js';
import type { Interval } from '../stats/student.js';
import { median, sum } from '../stats/summary.js';
import type { SampleOutput, SampleRow } from './samples.js';

/** Rates in tokens per second of denoising; ratios of sums over the samples. */
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

const resamples = 1000;

/**
 * Speed over the samples that were generated; undefined if there are none. Intervals are 95 % bootstrap
 * intervals over samples, those of the speed-up paired by sample.
 *
 * @param seed Of the bootstrap.
 */
export function speed(
  samples: readonly SampleRow[],
  baseline: ReadonlyMap<string, SampleRow>,
  seed: string,
): Speed | undefined {
  const done = samples.filter((row): row is SampleRow & { output: SampleOutput } => row.output !== null);
  if (done.length === 0) return undefined;
  const seconds = done.map(({ output }) => output.timings.denoiseMs / 1000);
  const canvas = done.map(({ output }) => output.tokens.canvas);
  const total = sum(seconds);
  const pairs = done.flatMap(({ sample, output }) => {
    const other = baseline.get(sample)?.output;
    return other === null || other === undefined ? [] : [{ own: rate(output), baseline: rate(other) }];
  });
  const own = pairs.map((pair) => pair.own);
  const others = pairs.map((pair) => pair.baseline);
  return {
    tps: sum(canvas) / total,
    tpsInterval: bootstrapInterval(
      done.length,
      (indices) => pick(canvas, indices) / pick(seconds, indices),
      new Rng(`${seed} tps`),
      { resamples },
    ),
    tpsToEos: sum(done.map(({ output }) => output.tokens.toEos)) / total,
    tpsNonEos: sum(done.map(({ output }) => output.tokens.nonEos)) / total,
    tpsWithPrompt: (sum(canvas) + sum(done.map(({ promptTokens }) => promptTokens))) / total,
    latencySeconds: median(seconds),
    speedup: pairs.length === 0 ? undefined : ratioOfRates(own, others),
    speedupInterval: bootstrapInterval(
      pairs.length,
      (indices) =>
        ratioOfRates(
          Array.from(indices, (i) => own[i]!),
          Array.from(indices, (i) => others[i]!),
        ),
      new Rng(`${seed} speedup`),
      { resamples },
    ),
  };
}

interface Rate {
  readonly tokens: number;
  readonly ms: number;
}

function rate({ tokens, timings }: SampleOutput): Rate {
  return { tokens: tokens.canvas, ms: timings.denoiseMs };
}

function ratioOfRates(own: readonly Rate[], baseline: readonly Rate[]): number {
  const tps = (rates: readonly Rate[]): number =>
    sum(rates.map((r) => r.tokens)) / sum(rates.map((r) => r.ms));
  return tps(own) / tps(baseline);
}

function pick(values: readonly number[], indices: Uint32Array): number {
  let total = 0;
  for (const i of indices) total += values[i]!;
  return total;
}
