import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { nearest } from '../suggest.js';
import { describeIssue } from './issues.js';
import { bare, childSchema, isRecord, isSection, knownKeys } from './schema-walk.js';

/** One setting from the command line or from a file. */
export interface Override {
  /** From the root of the resolved config. */
  readonly path: readonly string[];
  readonly text: string;
  /** What the user typed, for messages: `--set generation.steps=64`, `--steps 64`; or `file:line:column`. */
  readonly origin: string;
  /** Where the path stands, if not in `origin`. */
  readonly pathOrigin?: string;
}

/** A value as the text of an override. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Splits `path=value`. @throws UsageError `SET_SYNTAX` */
export function parseOverride(assignment: string): Override {
  const [, path, text] = /^([^=]*)=(.*)$/s.exec(assignment) ?? [];
  const parts = path?.trim().split('.') ?? [];
  if (text === undefined || text.trim() === '' || parts.some((part) => part === '')) {
    throw new UsageError(
      'SET_SYNTAX',
      `--set ${assignment}: write path=value, for example --set generation.blockLength=32.`,
    );
  }
  return { path: parts, text: text.trim(), origin: `--set ${assignment}` };
}

/**
 * The config with the overrides laid over it in their order, checked by its schema again. Choosing another
 * `policy` or `rule` drops the settings of the one before; `null` unsets what may be absent.
 *
 * @throws UsageError `SET_PATH` for a path that leads nowhere, `SET_VALUE` for a value that the schema refuses
 */
export function applyOverrides<S extends z.ZodType>(
  schema: S,
  config: z.output<S>,
  overrides: readonly Override[],
): z.output<S> {
  let current: unknown = structuredClone(config);
  for (const override of overrides) {
    current = assign(schema, current, override, current, schema, 0);
    const result = schema.safeParse(current);
    if (!result.success) {
      const { message } = describeIssue(schema, current, result.error.issues[0]!);
      throw new UsageError('SET_VALUE', `${override.origin}: ${message}`);
    }
    current = result.data;
  }
  return current as z.output<S>;
}

function assign(
  schema: z.ZodType,
  value: unknown,
  override: Override,
  root: unknown,
  rootSchema: z.ZodType,
  depth: number,
): unknown {
  const { path, text, origin, pathOrigin = origin } = override;
  const key = path[depth]!;
  const section = isRecord(value) ? value : {};
  const child = isSection(schema) ? childSchema(schema, section, key) : undefined;
  const isLast = depth === path.length - 1;
  const known = bare(schema) instanceof z.ZodRecord ? Object.hasOwn(section, key) : child !== undefined;
  if (child === undefined || !known) {
    throw unknownPath(override, rootSchema, root, path.slice(0, depth), knownKeys(schema, section));
  }
  if (!isLast) {
    return { ...section, [key]: assign(child, section[key], override, root, rootSchema, depth + 1) };
  }
  if (isSection(child)) {
    const keys = knownKeys(child, section[key]);
    throw new UsageError(
      'SET_PATH',
      `${pathOrigin}: "${path.join('.')}" is a section; set one of its keys: ${keys.join(', ')}.`,
    );
  }
  const next = readValue(child, text);
  if (next === null && child instanceof z.ZodOptional) {
    const { [key]: _, ...rest } = section;
    return rest;
  }
  const union = bare(schema);
  const switches =
    union instanceof z.ZodDiscriminatedUnion && union.def.discriminator === key && section[key] !== next;
  return switches ? { [key]: next } : { ...section, [key]: next };
}

/** Text as it stands where text is wanted, else what the YAML of it means. */
function readValue(schema: z.ZodType, text: string): unknown {
  const leaf = bare(schema);
  if (leaf instanceof z.ZodString || leaf instanceof z.ZodEnum) return text;
  try {
    return parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `siblings`: the keys that `parent`, the part of the path that exists, has. */
function unknownPath(
  { path, origin, pathOrigin = origin }: Override,
  schema: z.ZodType,
  root: unknown,
  parent: readonly string[],
  siblings: readonly string[],
): UsageError {
  const all = leafPaths(schema, root);
  const sameEnd = all.filter((known) => known.split('.').at(-1) === path.at(-1));
  const sibling = nearest(path[parent.length]!, siblings);
  const best =
    sameEnd.length === 1 ? sameEnd[0] : sibling === undefined ? undefined : [...parent, sibling].join('.');
  const hint =
    best === undefined
      ? `Settings: ${shortList(sameEnd.length > 0 ? sameEnd : all)}.`
      : `Did you mean "${best}"?`;
  return new UsageError('SET_PATH', `${pathOrigin}: there is no setting "${path.join('.')}". ${hint}`);
}

/** All paths if they are few, else the sections that they begin with. */
function shortList(paths: readonly string[]): string {
  if (paths.length <= 12) return paths.join(', ');
  const sections = paths.map((path) => path.replace(/^([^.]+\.).*$/, '$1*'));
  return [...new Set(sections)].join(', ');
}

/** The paths of all settings that `--set` may name, given the branches that `value` has chosen. */
export function leafPaths(schema: z.ZodType, value: unknown, prefix = ''): string[] {
  return knownKeys(schema, value).flatMap((key) => {
    const child = childSchema(schema, value, key)!;
    const inner = isRecord(value) ? value[key] : undefined;
    return isSection(child) ? leafPaths(child, inner, `${prefix}${key}.`) : [`${prefix}${key}`];
  });
}
