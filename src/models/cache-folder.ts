import { homedir } from 'node:os';
import { join } from 'node:path';

/** What repro keeps for later: models in another precision, and weights packed for this processor. */
export type CacheKind = 'converted' | 'prepacked';

/** Where repro keeps what it can make anew: REPRO_CACHE, else `repro` in XDG_CACHE_HOME or ~/.cache. */
export function cacheFolder(kind: CacheKind, environment: NodeJS.ProcessEnv = process.env): string {
  const { REPRO_CACHE, XDG_CACHE_HOME } = environment;
  const caches = XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(REPRO_CACHE || join(caches, 'repro'), kind);
}
