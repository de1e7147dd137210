import { z } from 'zod';
import { rowRange, rowsWhere } from '../engine/rows-index.js';
import type { RowPlan } from '../engine/types.js';
import type { CachePolicy, PassView, SampleShape } from './policy.js';
import { uniformPlan, unmaskedFlags } from './rows.js';

export const shiftType = z.enum(['un', 'un_right']).default('un').meta({
  description:
    'Dream only: when a row may be cached: once the token that it predicts is known (un), or once its own token is known as well (un_right).',
  source: "dKV-Cache's code, Dream sampler, shift_type; un in all its examples.",
});

export const dkvPrefillOptions = z
  .strictObject({ policy: z.literal('dkv-prefill'), shiftType })
  .describe('dKV-Cache-Prefill (Dream): the prompt rows but the last are cached at the first pass for good.');

export const dkvPdOptions = z
  .strictObject({
    policy: z.literal('dkv-pd'),
    refreshInterval: z.number().int().min(1).default(4).meta({
      description: 'Passes between refreshes of the rows behind the prompt; 1 = in every pass.',
      unit: 'passes',
      source:
        "dKV-Cache's README table for Dream, Decode and PD: 4, as Appendix B.2 of the Dynamic-dLLM paper for Dream. README example: 16.",
    }),
    shiftType,
  })
  .describe('dKV-Cache-PD (Dream): prompt rows as in Prefill, decoded rows as in Decode.');

export interface DkvDreamOptions {
  readonly policy: 'dkv-decode' | 'dkv-prefill' | 'dkv-pd';
  /** Passes between refreshes; not read by Prefill. */
  readonly refreshInterval?: number;
  readonly shiftType: 'un' | 'un_right';
}

/**
 * dKV-Cache for Dream (authors' sampler; `methods.md` 3.5). Row j predicts position j + 1, so it is cached, one
 * pass late, when that token is known. No blocks.
 */
export class DkvDreamCache implements CachePolicy {
  readonly rows = { kind: 'uniform' } as const;
  readonly families = ['dream'] as const;
  readonly #options: DkvDreamOptions;
  #shape: SampleShape | undefined;
  /** Rows that the prompt alone makes cacheable. */
  #prompt = new Uint8Array(0);
  #cached: Uint8Array = new Uint8Array(0);

  constructor(options: DkvDreamOptions) {
    this.#options = options;
  }

  begin(shape: SampleShape): void {
    this.#shape = shape;
    this.#prompt = new Uint8Array(shape.length).fill(1, 0, Math.max(0, shape.promptLength - 1));
  }

  beforeStep({ pass, tokens, maskId }: PassView): RowPlan {
    const { policy, refreshInterval = 1 } = this.#options;
    const { length } = this.#shape!;
    const all = rowRange(0, length);
    if (policy === 'dkv-prefill') {
      if (pass === 0) return { kind: 'uniform', rows: all, store: rowsWhere(this.#prompt, 1) };
      return { kind: 'uniform', rows: rowsWhere(this.#prompt, 0), store: 'none' };
    }
    const cacheable = pass === 0 ? this.#prompt : this.#cacheable(unmaskedFlags(tokens, maskId));
    const refresh = pass % refreshInterval === 0;
    const kept = !refresh
      ? this.#cached
      : policy === 'dkv-pd' && pass > 0
        ? this.#prompt
        : new Uint8Array(length);
    this.#cached = cacheable;
    const rows = rowsWhere(kept, 0);
    return uniformPlan(
      rows,
      rows.filter((row) => cacheable[row] === 1),
      length,
    );
  }

  /** Rows whose prediction is no longer needed; the last row takes the status of position 0, as `roll` makes it. */
  #cacheable(known: Uint8Array): Uint8Array {
    const next = known.map((_, j) => known[(j + 1) % known.length]!);
    if (this.#options.shiftType === 'un') return next;
    // un_right: the token itself as well; the last row copies its neighbour.
    const both = next.map((flag, j) => flag & known[j]!);
    both[both.length - 1] = known[known.length - 1]!;
    return both;
  }

  afterStep(): void {}
}
