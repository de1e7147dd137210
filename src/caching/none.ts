import { z } from 'zod';
import type { RowPlan } from '../engine/types.js';
import type { CachePolicy, SampleShape } from './policy.js';

export const noneOptions = z
  .strictObject({ policy: z.literal('none') })
  .describe('No cache: every pass computes all rows in all layers.');

/** Every pass recomputes all rows: what the models' own samplers do. */
export class NoCache implements CachePolicy {
  readonly rows = { kind: 'uniform', cached: false } as const;
  readonly idlePasses = 'any';
  #all = new Int32Array(0);

  begin({ length }: SampleShape): void {
    this.#all = Int32Array.from({ length }, (_, i) => i);
  }

  beforeStep(): RowPlan {
    return { kind: 'uniform', rows: this.#all, store: 'none' };
  }

  afterStep(): void {}
}
