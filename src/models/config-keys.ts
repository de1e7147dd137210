import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { didYouMean } from '../suggest.js';

/** A config key that changes the mathematics and has one supported meaning. */
export interface FixedKey {
  readonly key: string;
  /** Values that mean what this program computes. */
  readonly supported: readonly unknown[];
  /** What the official configuration class assumes for an absent key. */
  readonly whenAbsent: unknown;
}

/** What a family's config.json may hold. */
export interface ConfigKeys<S extends z.ZodType> {
  /** The keys that are read. */
  readonly schema: S;
  /** For messages. */
  readonly family: string;
  readonly fixedKeys: readonly FixedKey[];
  readonly dimensionKeys: readonly string[];
  /** Keys without effect on inference in float32. */
  readonly harmlessKeys: readonly string[];
}

/**
 * Checks every key of a config.json and returns those that are read. Keys that change the mathematics are used
 * or refused by name; unknown keys are refused unless they are null or false, because one might change it too.
 *
 * @throws UsageError with the first key that is missing, wrong or unsupported.
 */
export function parseConfig<S extends z.ZodType>(
  config: Record<string, unknown>,
  keys: ConfigKeys<S>,
  file: string,
): z.output<S> {
  checkFixedKeys(config, keys, file);
  checkUnknownKeys(config, keys, file);
  const parsed = keys.schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError('MODEL_CONFIG_INVALID', `${file}: "${path.join('.')}": ${message}`);
}

function checkFixedKeys(
  config: Record<string, unknown>,
  { fixedKeys, family }: Pick<ConfigKeys<z.ZodType>, 'fixedKeys' | 'family'>,
  file: string,
): void {
  for (const { key, supported, whenAbsent } of fixedKeys) {
    const present = Object.hasOwn(config, key);
    const value = present ? config[key] : whenAbsent;
    if (supported.includes(value)) continue;
    const is = present
      ? `is ${JSON.stringify(value)}`
      : `is missing, which means ${JSON.stringify(value)} in ${family}'s configuration class`;
    throw new UsageError(
      'MODEL_CONFIG_UNSUPPORTED',
      `${file}: "${key}" ${is}; only ${JSON.stringify(supported[0])} is supported`,
    );
  }
}

function checkUnknownKeys(
  config: Record<string, unknown>,
  { fixedKeys, dimensionKeys, harmlessKeys }: Omit<ConfigKeys<z.ZodType>, 'schema'>,
  file: string,
): void {
  const known = [...fixedKeys.map(({ key }) => key), ...dimensionKeys, ...harmlessKeys];
  for (const [key, value] of Object.entries(config)) {
    if (known.includes(key) || value === null || value === false) continue;
    throw new UsageError(
      'MODEL_CONFIG_UNKNOWN_KEY',
      `${file}: unknown key "${key}": it could change what the model computes; remove it if it does not.` +
        didYouMean(key, known),
    );
  }
}
