import { z } from 'zod';
import { rowRange, rowsWhere } from '../engine/rows-index.js';
import type { RowPlan } from '../engine/types.js';
import { shiftType } from './dkv-dream.js';
import type { CachePolicy, PassView, SampleShape } from './policy.js';
import { uniformPlan, unmaskedFlags } from './rows.js';

export const dkvDecodeOptions = z
  .strictObject({
    policy: z.literal('dkv-decode'),
    refreshInterval: z.number().int().min(1).default(8).meta({
      description: 'Passes between full passes, counted from block start on LLaDA; 1 = always full.',
      unit: 'passes',
      source:
        "Dynamic-dLLM paper, Appendix B.2, and dKV-Cache's README table: 8 on LLaDA, 4 on Dream. README example for Dream: 16. Default of the published function: 1.",
    }),
    shiftType,
  })
  .describe(
    'dKV-Cache-Decode: K and V of decoded tokens are cached one pass after the token appeared; all masked rows and the tokens of the last pass are computed. The cache is dropped at each block start.',
  );

export type DkvDecodeOptions = z.output<typeof dkvDecodeOptions>;

/** dKV-Cache-Decode for LLaDA (authors' sampler); `methods.md` 3.3. */
export class DkvDecodeCache implements CachePolicy {
  readonly rows = { kind: 'uniform' } as const;
  readonly #interval: number;
  #length = 0;
  /** What was known after the pass before the last one: those rows are in the cache. */
  #cached: Uint8Array = new Uint8Array(0);
  #known: Uint8Array = new Uint8Array(0);

  constructor({ refreshInterval }: Pick<DkvDecodeOptions, 'refreshInterval'>) {
    this.#interval = refreshInterval;
  }

  begin({ length }: SampleShape): void {
    this.#length = length;
  }

  beforeStep({ passInBlock, tokens, maskId }: PassView): RowPlan {
    this.#cached = this.#known;
    this.#known = unmaskedFlags(tokens, maskId);
    const all = rowRange(0, this.#length);
    if (passInBlock === 0) return { kind: 'uniform', rows: all, store: 'none' };
    if (passInBlock === 1 || passInBlock % this.#interval === 0) {
      return { kind: 'uniform', rows: all, store: rowsWhere(this.#known, 1) };
    }
    const rows = rowsWhere(this.#cached, 0);
    return uniformPlan(
      rows,
      rows.filter((row) => this.#known[row] === 1),
      this.#length,
    );
  }

  afterStep(): void {}
}
