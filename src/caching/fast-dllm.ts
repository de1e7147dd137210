import { z } from 'zod';
import { rowRange } from '../engine/rows-index.js';
import type { RowPlan } from '../engine/types.js';
import type { ModelDimensions } from '../models/types.js';
import type { CachePolicy, PassView, SampleShape } from './policy.js';

const twoPasses =
  'A block takes two passes at least, as in the June 2025 code: after the pass at block start no one asks whether the block is finished.';

export const prefixOptions = z
  .strictObject({ policy: z.literal('prefix') })
  .describe(
    `Fast-dLLM's prefix cache: each block begins with a full pass; later passes of the block compute the block and all behind it against the cached K and V of what stands before. ${twoPasses}`,
  );

export const dualOptions = z
  .strictObject({ policy: z.literal('dual') })
  .describe(
    `Fast-dLLM's DualCache: each block begins with a full pass; later passes compute the block alone, against the cached K and V of prefix and suffix. ${twoPasses}`,
  );

/** Fast-dLLM's caches (arXiv 2505.22618, June 2025 code): refreshed at the start of each block, by a pass that also unmasks. */
export class FastDllmCache implements CachePolicy {
  readonly rows = { kind: 'uniform' } as const;
  readonly idlePasses = 'of-finished-blocks';
  /** LLaDA's loop goes on until the block has no mask, after two passes at least; Dream's has a schedule. */
  readonly minPassesPerBlock?: number;
  readonly #dual: boolean;
  #length = 0;

  constructor(policy: 'prefix' | 'dual', family: ModelDimensions['family']) {
    this.#dual = policy === 'dual';
    if (family === 'llada') this.minPassesPerBlock = 2;
  }

  begin({ length }: SampleShape): void {
    this.#length = length;
  }

  beforeStep({ passInBlock, block }: PassView): RowPlan {
    if (passInBlock === 0) {
      const rows = rowRange(0, this.#length);
      return { kind: 'uniform', rows, store: this.#dual ? 'all' : rowRange(0, block.start) };
    }
    return this.#dual
      ? { kind: 'uniform', rows: rowRange(block.start, block.end), store: 'all' }
      : { kind: 'uniform', rows: rowRange(block.start, this.#length), store: 'none' };
  }

  afterStep(): void {}
}
