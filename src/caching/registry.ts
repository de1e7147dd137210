import { z } from 'zod';
import type { ModelDimensions } from '../models/types.js';
import { DcuCache, dcuOptions } from './dcu.js';
import { DcuReleasedCache, dcuReleasedOptions } from './dcu-released.js';
import { DkvDecodeCache, dkvDecodeOptions } from './dkv-decode.js';
import { DkvDreamCache, dkvPdOptions, dkvPrefillOptions } from './dkv-dream.js';
import { DkvGreedyCache, dkvGreedyOptions } from './dkv-greedy.js';
import { DllmCache, dllmCacheOptions } from './dllm-cache.js';
import { dualOptions, FastDllmCache, prefixOptions } from './fast-dllm.js';
import { NoCache, noneOptions } from './none.js';
import type { CachePolicy } from './policy.js';

/** The options of every cache policy, by `policy`. A new policy joins here and in `createCachePolicy`. */
export const cacheOptions = z.discriminatedUnion('policy', [
  noneOptions,
  dllmCacheOptions,
  dkvDecodeOptions,
  dkvGreedyOptions,
  dkvPrefillOptions,
  dkvPdOptions,
  prefixOptions,
  dualOptions,
  dcuOptions,
  dcuReleasedOptions,
]);

export type CacheOptions = z.output<typeof cacheOptions>;

/** A fresh policy, with no sample begun. */
export function createCachePolicy(
  options: CacheOptions,
  family: ModelDimensions['family'] = 'llada',
): CachePolicy {
  switch (options.policy) {
    case 'none':
      return new NoCache();
    case 'dllm-cache':
      return new DllmCache(options);
    case 'dkv-decode':
      return family === 'dream' ? new DkvDreamCache(options) : new DkvDecodeCache(options);
    case 'dkv-prefill':
    case 'dkv-pd':
      return new DkvDreamCache(options);
    case 'dkv-greedy':
      return new DkvGreedyCache(options);
    case 'prefix':
    case 'dual':
      return new FastDllmCache(options.policy, family);
    case 'dcu':
      return new DcuCache(options);
    case 'dcu-released':
      return new DcuReleasedCache(options);
  }
}
