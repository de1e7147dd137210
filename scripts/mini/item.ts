import { createHash } from 'node:crypto';
import type { Rng } from './rng.js';

/** One generated item: `key` names its content (family and numbers, fact and options) without the surface. */
export interface Item<R> {
  readonly key: string;
  readonly record: R;
}

/** Draws one item of a benchmark. */
export type Generator<R> = (rng: Rng) => Item<R>;

export type Split = 'train' | 'test';

/**
 * The side of an item, decided by its key alone: SHA-256 of the key, first four bytes mod 10, zero is test.
 * Whatever shares a key is on one side, so train and test are disjoint by construction.
 */
export function splitOf(key: string): Split {
  return createHash('sha256').update(key, 'utf8').digest().readUInt32BE(0) % 10 === 0 ? 'test' : 'train';
}

/** Draws until the item is on the side asked for. */
export function drawOn<R>(split: Split, generate: Generator<R>, rng: Rng): Item<R> {
  for (let tries = 0; tries < 100_000; tries += 1) {
    const item = generate(rng);
    if (splitOf(item.key) === split) return item;
  }
  throw new Error(`no ${split} item in 100000 draws`);
}
