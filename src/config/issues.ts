import { z } from 'zod';
import { didYouMean } from '../suggest.js';
import { bare, childSchema, knownKeys } from './schema-walk.js';

/** One thing that is wrong with a value, in words, and the place that it is about. */
export interface Problem {
  readonly path: readonly (string | number)[];
  /** A sentence part without a full stop; the place comes before it. */
  readonly message: string;
  /** Whether `path` points at a key that should not be there (else at a value). */
  readonly atKey: boolean;
}

/**
 * The first problem of a value that a schema has refused, in the words of this program: unknown keys with the
 * nearest known one, values with what is allowed.
 */
export function describeIssue(schema: z.ZodType, value: unknown, outer: z.core.$ZodIssue): Problem {
  const issue = innerIssue(outer);
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys as [string];
    const place = descend(schema, value, path);
    const known = place === undefined ? [] : knownKeys(place.schema, place.value);
    const hint = didYouMean(key, known) || ` Known keys: ${known.join(', ')}.`;
    return { path: [...path, key], atKey: true, message: `unknown key "${dotted([...path, key])}".${hint}` };
  }
  const found = valueAt(value, path);
  const name = path.length === 0 ? 'the content' : `"${dotted(path)}"`;
  if (found === undefined) {
    const allowed = allowedValues(issue);
    const hint = allowed.length === 0 ? '' : `; it may be ${allowed.join(', ')}`;
    return { path, atKey: false, message: `${name} is missing${hint}.` };
  }
  const is = path.length === 0 ? 'the content' : `${name} is ${show(found)}, but it`;
  const leaf = descend(schema, value, path)?.schema;
  const wanted = expectation(issue, leaf === undefined ? undefined : bare(leaf));
  return { path, atKey: false, message: `${is} must be ${wanted}.${suggestion(issue, found)}` };
}

/** Of a union of a short form and a section: what is wrong inside the section, if that is what was written. */
function innerIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inside = issue.errors.find(
    ([first]) => first !== undefined && (first.path.length > 0 || first.code === 'unrecognized_keys'),
  )?.[0];
  if (inside === undefined) return issue;
  return innerIssue({ ...inside, path: [...issue.path, ...inside.path] } as z.core.$ZodIssue);
}

/** Text after "must be". */
function expectation(issue: z.core.$ZodIssue, leaf: z.ZodType | undefined): string {
  const allowed = allowedValues(issue);
  if (allowed.length > 0) return allowed.length === 1 ? allowed[0]! : `one of ${allowed.join(', ')}`;
  if (issue.code === 'invalid_type' && leaf instanceof z.ZodNumber && leaf.isInt) return nouns.int!;
  switch (issue.code) {
    case 'invalid_type':
      return nouns[issue.expected] ?? issue.expected;
    case 'too_small':
      return atLimit('at least', 'more than', issue.inclusive, issue.minimum, issue.origin);
    case 'too_big':
      return atLimit('at most', 'less than', issue.inclusive, issue.maximum, issue.origin);
    case 'invalid_format':
      return issue.pattern === undefined ? `a valid ${issue.format}` : `text that matches ${issue.pattern}`;
    default:
      return anyOf(issue) ?? issue.message.replace(/^must be /, '').replace(/\.$/, '');
  }
}

/** The types that a union takes, unless it has words of its own. */
function anyOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return undefined;
  const types = issue.errors.map(([first]) => (first?.code === 'invalid_type' ? first.expected : undefined));
  const words = types.map((type) => (type === undefined ? undefined : (nouns[type] ?? type)));
  return words.every((word) => word !== undefined) && words.length > 0 ? words.join(' or ') : undefined;
}

const nouns: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text (put it in quotes)',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'a section of "key: value" lines',
  record: 'a section of "key: value" lines',
};

function atLimit(
  inclusive: string,
  exclusive: string,
  isInclusive: boolean | undefined,
  limit: number | bigint,
  origin: string,
): string {
  const bound = `${isInclusive === false ? exclusive : inclusive} ${limit}`;
  if (origin === 'string') return limit === 1 ? 'text, not empty' : `text of ${bound} characters`;
  if (origin === 'array') return limit === 1 ? 'a list that is not empty' : `a list of ${bound} entries`;
  return bound;
}

/** The values that an issue names as allowed, as YAML would write them. */
function allowedValues(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  const options = (issue as { options?: unknown }).options;
  if (Array.isArray(options)) return options.map(String);
  const nested = issue.errors.map(([first]) => (first === undefined ? [] : allowedValues(first)));
  return nested.every((values) => values.length > 0) ? nested.flat() : [];
}

function suggestion(issue: z.core.$ZodIssue, found: unknown): string {
  return typeof found === 'string' ? didYouMean(found, allowedValues(issue)) : '';
}

/** `a.b[0].c` */
export function dotted(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The value at a path, or undefined. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function descend(
  schema: z.ZodType,
  root: unknown,
  path: readonly (string | number)[],
): { readonly schema: z.ZodType; readonly value: unknown } | undefined {
  let place: { schema: z.ZodType; value: unknown } = { schema, value: root };
  for (const part of path) {
    const inner = childSchema(place.schema, place.value, part);
    if (inner === undefined) return undefined;
    place = { schema: inner, value: valueAt(place.value, [part]) };
  }
  return place;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
