import { UsageError } from '../errors.js';
import type { MethodParts } from './method.js';

const autoSizes = ['layerBudget', 'windowSize'] as const;

/** Whether `auto` decides this key of the cache. */
export function isAutoSize(cache: MethodParts['cache'], key: string): boolean {
  return cache.policy === 'dcu' && cache.auto && autoSizes.some((size) => size === key);
}

/**
 * The cache settings after a size of DCU was set by hand: `auto` then holds for the other size only, which
 * becomes genLength / 8 here. Without this an override of a size would change nothing, in silence.
 *
 * @param stated Keys of the cache that overrides have set.
 * @throws UsageError `SET_OVERRULED` if `auto` itself is among them.
 */
export function settleAutoSizes(
  cache: MethodParts['cache'],
  stated: readonly string[],
  genLength: number,
): MethodParts['cache'] {
  if (cache.policy !== 'dcu' || !cache.auto) return cache;
  const sizes = autoSizes.filter((key) => stated.includes(key));
  if (sizes.length === 0) return cache;
  if (stated.includes('auto')) {
    throw new UsageError(
      'SET_OVERRULED',
      `--set: cache.auto=true and cache.${sizes[0]} contradict each other; leave one of them out.`,
    );
  }
  const share = Math.floor(genLength / 8);
  const rest = Object.fromEntries(autoSizes.filter((key) => !sizes.includes(key)).map((key) => [key, share]));
  return { ...cache, ...rest, auto: false };
}
