import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheOptions } from '../caching/registry.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { isRecord } from './schema-walk.js';
import { readYaml } from './yaml.js';

/** Ids are stable: they stand in CSV files and on command lines. */
export const idSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

/** A method file: a cache policy plus an unmasking rule, and what a reader should know of them. */
export const methodSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).describe("What tables print; the paper's star marks parallel decoding."),
  summary: z.string().min(1).describe('One paragraph: what the method does.'),
  source: z.string().min(1).describe('Paper and code that it follows.'),
  cache: cacheOptions,
  unmask: unmaskOptions,
  notes: z.array(z.string().min(1)).default([]).describe('Where paper and released code differ.'),
});

export type MethodConfig = z.output<typeof methodSchema>;

/** Ids of all methods of the package, in alphabetical order. */
export function listMethods(root: string = packageRoot): string[] {
  return listConfigs(join(root, 'configs', 'methods'));
}

/** Names without `.yaml` of the files in a folder of configs. */
export function listConfigs(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** @throws UsageError `METHOD_UNKNOWN`, or what `readYaml` throws. */
export function loadMethod(id: string, root: string = packageRoot): MethodConfig {
  const ids = listMethods(root);
  if (!ids.includes(id)) {
    throw new UsageError(
      'METHOD_UNKNOWN',
      `there is no method "${id}".${didYouMean(id, ids)} Methods: ${ids.join(', ')}.`,
    );
  }
  return readMethod(join(root, 'configs', 'methods', `${id}.yaml`), id);
}

/** Reads one method file. @throws UsageError as `readYaml`, or if `id` is not the one that the file states. */
export function readMethod(path: string, id: string): MethodConfig {
  const { value, raw, errorAt } = readYaml(path, methodSchema);
  if (value.id !== id) throw errorAt(['id'], `"id" is "${value.id}", but the file is called ${id}.yaml.`);
  const cache = isRecord(raw) ? raw.cache : undefined;
  const stated = isRecord(cache) ? Object.keys(cache) : [];
  const size = stated.find((key) => isAutoSize(value.cache, key));
  if (size !== undefined) {
    throw errorAt(
      ['cache', size],
      `"cache.${size}" has no effect while "cache.auto" is true; keep one of them.`,
    );
  }
  return value;
}

const autoSizes = ['layerBudget', 'windowSize'] as const;

/** Whether `auto` decides this key of the cache. */
export function isAutoSize(cache: MethodConfig['cache'], key: string): boolean {
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
  cache: MethodConfig['cache'],
  stated: readonly string[],
  genLength: number,
): MethodConfig['cache'] {
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
