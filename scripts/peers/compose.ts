import type { CacheOptions } from '../../src/caching/registry.js';
import type { MethodOptions } from '../../src/decoding/method.js';
import type { Generation } from '../../src/decoding/settings.js';
import { type RoundsEstimate, roundsEstimate } from '../../src/stats/rounds.js';
import { median, quantile, sum } from '../../src/stats/summary.js';

/** What a pass computes: everything, one part and chosen rows of the other, chosen rows alone, or a block alone. */
export type PassKind = 'full' | 'prompt' | 'response' | 'chosen' | 'block';

/** The kind of every pass of a sample, where a fixed schedule decides it; undefined where the tokens do. */
export function passKinds({ cache, unmask }: MethodOptions, generation: Generation): PassKind[] | undefined {
  if (unmask.rule !== 'model' && unmask.rule !== 'quota') return undefined;
  const { steps, genLength, blockLength } = generation;
  const perBlock = steps / (genLength / blockLength);
  return Array.from({ length: steps }, (_, pass) => kindOf(cache, pass, pass % perBlock));
}

function kindOf(cache: CacheOptions, pass: number, passInBlock: number): PassKind {
  switch (cache.policy) {
    case 'none':
      return 'full';
    case 'dual':
      return passInBlock === 0 ? 'full' : 'block';
    case 'dcu':
      return pass === 0 ? 'full' : 'chosen';
    case 'dllm-cache':
    case 'dcu-released': {
      const prompt = pass % cache.promptInterval === 0;
      const response = pass % cache.responseInterval === 0;
      if (prompt) return response ? 'full' : 'prompt';
      return response ? 'response' : 'chosen';
    }
    default:
      throw new Error(`cache policy ${cache.policy} has no PyTorch side here`);
  }
}

/** Passes from the start of a sample after which every kind has come, and at least `least`. */
export function passesWithAllKinds(kinds: readonly PassKind[], least: number): number {
  const last = Math.max(...[...new Set(kinds)].map((kind) => kinds.indexOf(kind)));
  return Math.min(kinds.length, Math.max(least, last + 1));
}

/**
 * Milliseconds of a whole sample out of its first passes: of each kind as many as there are, each for the median of
 * those that were timed.
 *
 * @throws Error for a kind of which none was timed.
 */
export function composedMs(kinds: readonly PassKind[], passMs: readonly number[]): number {
  const timed = new Map(
    [...new Set(kinds)].map((kind) => [kind, passMs.filter((_, i) => kinds[i] === kind)]),
  );
  for (const [kind, list] of timed) if (list.length === 0) throw new Error(`no ${kind} pass was timed`);
  const medians = new Map([...timed].map(([kind, list]) => [kind, median(list)]));
  return sum(kinds.map((kind) => medians.get(kind)!));
}

/** Timed passes of each kind over all rounds, as text: `full 8, chosen 40`. */
export function countKinds(kinds: readonly PassKind[], passes: number, rounds: number): string {
  const timed = kinds.slice(0, passes);
  return [...new Set(timed)]
    .map((kind) => `${kind} ${rounds * timed.filter((other) => other === kind).length}`)
    .join(', ');
}

/** The same sample on both sides, one right after the other. */
export interface TimedPair {
  readonly oursMs: number;
  readonly theirsMs: number;
}

export interface Quartiles {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Comparison {
  /** Tokens of the canvas per second. */
  readonly ours: Quartiles;
  readonly theirs: Quartiles;
  /** How many times as fast, from the ratios of the pairs; the interval is of 95 %, missing below two pairs. */
  readonly ratio: number;
  readonly interval: RoundsEstimate | undefined;
}

export function compareSpeeds(pairs: readonly TimedPair[], genLength: number): Comparison {
  const ratios = pairs.map(({ oursMs, theirsMs }) => theirsMs / oursMs);
  return {
    ours: quartiles(pairs.map(({ oursMs }) => (1000 * genLength) / oursMs)),
    theirs: quartiles(pairs.map(({ theirsMs }) => (1000 * genLength) / theirsMs)),
    ratio: median(ratios),
    interval: roundsEstimate(ratios),
  };
}

function quartiles(values: readonly number[]): Quartiles {
  return { median: median(values), lower: quantile(values, 0.25), upper: quantile(values, 0.75) };
}
