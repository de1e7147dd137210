import { homedir } from 'node:os';
import { join } from 'node:path';

/** What repro keeps for later: models in another precision, weights packed for this processor, and random models. */
export const cacheKinds = ['converted', 'prepacked', 'random'] as const;
export type CacheKind = (typeof cacheKinds)[number];

/** Where repro keeps what it can make anew: REPRO_CACHE, else `repro` in XDG_CACHE_HOME or ~/.cache. */
export function cacheFolder(kind: CacheKind, environment: NodeJS.ProcessEnv = process.env): string {
  const { REPRO_CACHE, XDG_CACHE_HOME } = environment;
  const caches = XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(REPRO_CACHE || join(caches, 'repro'), kind);
}
