import { cacheOptions } from '../caching/registry.js';
import { unmaskOptions } from '../decoding/rules/registry.js';
import { UsageError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import type { MethodParts } from './method.js';
import type { Override } from './overrides.js';
import { knownKeys } from './schema-walk.js';

const parts = { cache: cacheOptions, unmask: unmaskOptions } as const;

/**
 * The short path `method.cache.layerBudget` written out: the setting of every method that has it, but the
 * baseline. Other paths are left as they are.
 *
 * @param methods All methods that run, as they are before the override.
 * @throws UsageError `SET_PATH` if no method has the setting.
 */
export function expandMethodPath(
  override: Override,
  methods: Readonly<Record<string, MethodParts>>,
  baseline: string,
): Override[] {
  const { path, origin, pathOrigin = origin } = override;
  const [root, part, key] = path;
  if (root !== 'method' || path.length !== 3 || key === undefined) return [override];
  const others = Object.entries(methods).filter(([id]) => id !== baseline);
  const having = others.filter(([, method]) => keysOf(method, part).includes(key));
  if (having.length > 0) {
    return having.map(([id]) => ({ ...override, path: ['methods', id, ...path.slice(1)] }));
  }
  if (others.length === 0) {
    throw new UsageError(
      'SET_PATH',
      `${pathOrigin}: "${path.join('.')}" is of the methods beside the baseline, and only ${baseline} is left to run; choose others.`,
    );
  }
  const known = [...new Set(others.flatMap(([, method]) => pathsOf(method)))];
  const name = path.join('.');
  throw new UsageError(
    'SET_PATH',
    `${pathOrigin}: none of the methods beside the baseline (${others.map(([id]) => id).join(', ')}) has a setting "${name}".` +
      (didYouMean(name, known) || ` Known: ${known.join(', ')}.`),
  );
}

function keysOf(method: MethodParts, part: string | undefined): string[] {
  return part === 'cache' || part === 'unmask' ? knownKeys(parts[part], method[part]) : [];
}

function pathsOf(method: MethodParts): string[] {
  return (['cache', 'unmask'] as const).flatMap((part) =>
    keysOf(method, part).map((key) => `method.${part}.${key}`),
  );
}
