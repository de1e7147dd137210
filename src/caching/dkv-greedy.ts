import { z } from 'zod';
import { rowRange } from '../engine/rows-index.js';
import type { RowPlan } from '../engine/types.js';
import type { CachePolicy, Commit, PassView, SampleShape } from './policy.js';
import { uniformPlan } from './rows.js';

export const dkvGreedyOptions = z
  .strictObject({
    policy: z.literal('dkv-greedy'),
    refreshInterval: z.number().int().min(1).default(2).meta({
      description: 'Passes of a block between full passes; 1 = always full.',
      unit: 'passes',
      source: "dKV-Cache's README table: 2.",
    }),
    window: z.number().int().min(0).default(4).meta({
      description: 'Masked neighbours computed beside each token to decode; 0 = none.',
      unit: 'rows',
      source: "dKV-Cache's README table: 4, and 2 for MBPP.",
    }),
  })
  .describe(
    'dKV-Cache-Greedy: between refreshes only the tokens just decoded, the tokens to decode now and a few masked neighbours are computed. Works with a random order that is known beforehand.',
  );

export type DkvGreedyOptions = z.output<typeof dkvGreedyOptions>;

/** dKV-Cache-Greedy for LLaDA (authors' sampler); `methods.md` 3.4. */
export class DkvGreedyCache implements CachePolicy {
  readonly rows = { kind: 'uniform' } as const;
  readonly needsOrder = true;
  readonly families = ['llada'] as const;
  readonly #options: DkvGreedyOptions;
  #length = 0;
  #next: Int32Array = new Int32Array(0);
  #view: PassView | undefined;

  constructor(options: DkvGreedyOptions) {
    this.#options = options;
  }

  begin({ length }: SampleShape): void {
    this.#length = length;
    this.#next = new Int32Array(0);
  }

  beforeStep(view: PassView): RowPlan {
    // The canvas changes before afterStep, and the neighbours are those that were masked before the commit.
    this.#view = { ...view, tokens: view.tokens.slice() };
    const full = view.passInBlock % this.#options.refreshInterval === 0;
    return uniformPlan(full ? rowRange(0, this.#length) : this.#next, 'all', this.#length);
  }

  afterStep(committed: readonly Commit[]): void {
    const { scheduledNext = new Int32Array(0), tokens, maskId } = this.#view!;
    const rows = new Set([...committed.map(({ position }) => position), ...scheduledNext]);
    const masked = (i: number) => tokens[i] === maskId;
    for (const position of scheduledNext) this.#addNeighbours(rows, position, masked);
    this.#next = Int32Array.from(rows).sort();
  }

  /** Walks outwards from a position, left before right, until enough masked rows were added. */
  #addNeighbours(rows: Set<number>, position: number, masked: (i: number) => boolean): void {
    let left = position - 1;
    let right = position + 1;
    let added = 0;
    while (added < this.#options.window && (left >= 0 || right < this.#length)) {
      for (const i of [left, right]) {
        if (added === this.#options.window || i < 0 || i >= this.#length) continue;
        if (!masked(i) || rows.has(i)) continue;
        rows.add(i);
        added += 1;
      }
      left -= 1;
      right += 1;
    }
  }
}
