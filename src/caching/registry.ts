import { z } from 'zod';
import { DcuCache, dcuOptions } from './dcu.js';
import { DcuReleasedCache, dcuReleasedOptions } from './dcu-released.js';
import { NoCache, noneOptions } from './none.js';
import type { CachePolicy } from './policy.js';

/** The options of every cache policy, by `policy`. A new policy joins here and in `createCachePolicy`. */
export const cacheOptions = z.discriminatedUnion('policy', [noneOptions, dcuOptions, dcuReleasedOptions]);

export type CacheOptions = z.output<typeof cacheOptions>;

/** A fresh policy, with no sample begun. */
export function createCachePolicy(options: CacheOptions): CachePolicy {
  switch (options.policy) {
    case 'none':
      return new NoCache();
    case 'dcu':
      return new DcuCache(options);
    case 'dcu-released':
      return new DcuReleasedCache(options);
  }
}
