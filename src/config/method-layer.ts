import { z } from 'zod';
import { cacheOptions } from '../caching/registry.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { describeIssue } from './issues.js';
import type { MethodFile, MethodParts } from './method.js';
import { isAutoSize } from './method-auto.js';
import { isRecord, mergeLayers } from './schema-walk.js';
import type { YamlFile } from './yaml.js';

/** Settings that lie over a method's own; `checkParts` checks what they become there. */
export const partsLayer = z.strictObject({
  cache: z.record(z.string(), z.unknown()).optional().describe('Keys of the cache policy.'),
  unmask: z.record(z.string(), z.unknown()).optional().describe('Keys of the unmasking rule.'),
});
type PartsLayer = Pick<z.output<typeof partsLayer>, 'cache' | 'unmask'>;

/** The parts of a method under a layer; another `policy` or `rule` replaces the whole part. */
export function layParts({ cache, unmask }: MethodParts, layer: PartsLayer = {}): MethodParts {
  return {
    cache: cacheOptions.parse(laid(cache, layer.cache, 'policy')),
    unmask: unmaskOptions.parse(laid(unmask, layer.unmask, 'rule')),
  };
}

function laid(part: object, layer: Record<string, unknown> | undefined, tag: string): object {
  if (layer === undefined) return part;
  const other = tag in layer && layer[tag] !== (part as Record<string, unknown>)[tag];
  return other ? layer : mergeLayers(part, layer);
}

/**
 * Checks the layers of a method file against the schemas of its parts, and that nothing is set that `auto`
 * decides.
 *
 * @throws UsageError `CONFIG_INVALID` with the place in the file.
 */
export function checkParts({ value, raw, errorAt }: YamlFile<MethodFile>): void {
  checkAuto([], value, isRecord(raw) ? raw : {}, errorAt);
  const layers = [
    ...Object.entries(value.models).map(([id, layer]) => [['models', id], layer ?? {}] as const),
    ...Object.entries(value.presets).map(([id, layer]) => [['presets', id], layer] as const),
  ];
  for (const [place, layer] of layers) {
    checkPart([...place, 'cache'], cacheOptions, laid(value.cache, layer.cache, 'policy'), errorAt);
    checkPart([...place, 'unmask'], unmaskOptions, laid(value.unmask, layer.unmask, 'rule'), errorAt);
    checkAuto(place, layParts(value, layer), layer, errorAt);
  }
}

type ErrorAt = YamlFile<MethodFile>['errorAt'];

function checkPart(place: readonly string[], schema: z.ZodType, part: unknown, errorAt: ErrorAt): void {
  const nest = <T>(inner: T, wrap: (key: string, inner: T) => T) =>
    place.reduceRight((value, key) => wrap(key, value), inner);
  const value = nest<unknown>(part, (key, inner) => ({ [key]: inner }));
  const whole = nest<z.ZodType>(schema, (key, inner) => z.strictObject({ [key]: inner }));
  const result = whole.safeParse(value);
  if (result.success) return;
  const { path, message } = describeIssue(whole, value, result.error.issues[0]!);
  throw errorAt(path, message);
}

function checkAuto(
  place: readonly string[],
  { cache }: MethodParts,
  stated: { readonly cache?: unknown },
  errorAt: ErrorAt,
): void {
  const keys = isRecord(stated.cache) ? Object.keys(stated.cache) : [];
  const size = keys.find((key) => isAutoSize(cache, key));
  if (size === undefined) return;
  const path = [...place, 'cache', size];
  throw errorAt(path, `"${path.join('.')}" has no effect while "cache.auto" is true; keep one of them.`);
}
