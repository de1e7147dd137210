import { UsageError } from '../errors.js';

/** Part `index` of `of`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Reads `k/n`. @throws UsageError `SHARD` */
export function parseShard(text: string): Shard {
  const [, k, n] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  const shard = { index: Number(k), of: Number(n) };
  if (k === undefined || n === undefined || shard.index < 1 || shard.index > shard.of) {
    throw new UsageError('SHARD', `--shard ${text}: write k/n with k from 1 to n, for example --shard 1/4.`);
  }
  return shard;
}

/** Every n-th sample of the seeded order: shards are equal in size, and each sees all methods of its samples. */
export function inShard<T>(samples: readonly T[], shard: Shard | undefined): T[] {
  return samples.filter((_, i) => shard === undefined || i % shard.of === shard.index - 1);
}

/**
 * The samples of all shards in the order of an undivided run.
 *
 * @param parts By shard, each in its own order.
 */
export function rejoin<T>(parts: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...parts.map((part) => part.length));
  return Array.from({ length: longest }, (_, i) => parts.flatMap((part) => part.slice(i, i + 1))).flat();
}
