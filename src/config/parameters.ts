import { z } from 'zod';
import { bare, childSchema, isRecord, isSection, knownKeys } from './schema-walk.js';

/** One setting, described by its schema. */
export interface Parameter {
  /** As `--set` takes it: `method.cache.layerBudget`. */
  readonly path: string;
  /** `whole number`, `number`, `true or false`, `text`, `list`, or `choice`. */
  readonly type: string;
  /** The allowed values of a choice. */
  readonly values?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** Bounds that the value itself must not take. */
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** What a number counts or measures: `rows`, `passes`, `probability`. Absent for pure numbers and for text. */
  readonly unit?: string;
  /** Absent where a setting has none. */
  readonly default?: unknown;
  /** What is in force; null where nothing is. */
  readonly value: unknown;
  readonly description: string;
  /** Who states the setting and its default: paper with section, the authors' code, or "ours"; may be empty. */
  readonly source: string;
}

interface LeafSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly LeafSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
}

const typeNames: Readonly<Record<string, string>> = {
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  string: 'text',
  array: 'list',
};

/** Every setting below a place of a config, in the order of the schemas, without the tags of the unions. */
export function listParameters(schema: z.ZodType, value: unknown, path: string): Parameter[] {
  const union = bare(schema);
  const tag = union instanceof z.ZodDiscriminatedUnion ? union.def.discriminator : undefined;
  return knownKeys(schema, value)
    .filter((key) => key !== tag)
    .flatMap((key) => {
      const child = childSchema(schema, value, key)!;
      const inner = isRecord(value) ? value[key] : undefined;
      const place = `${path}.${key}`;
      return isSection(child) ? listParameters(child, inner, place) : [describeLeaf(child, inner, place)];
    });
}

function describeLeaf(schema: z.ZodType, value: unknown, path: string): Parameter {
  const json = z.toJSONSchema(schema, { io: 'input' }) as LeafSchema;
  const values = json.enum ?? json.anyOf?.map((option) => option.const);
  const { description = '', unit, source = '' } = schema.meta() ?? {};
  return {
    path,
    type: values === undefined ? (typeNames[json.type ?? ''] ?? 'value') : 'choice',
    ...(values === undefined ? {} : { values }),
    ...limit('minimum', json.minimum),
    ...limit('maximum', json.maximum),
    ...limit('exclusiveMinimum', json.exclusiveMinimum),
    ...limit('exclusiveMaximum', json.exclusiveMaximum),
    ...(unit === undefined ? {} : { unit }),
    ...(json.default === undefined ? {} : { default: json.default }),
    value: value ?? null,
    description,
    source,
  };
}

/** A bound that somebody wrote; the JSON schema of every integer has the safe range as bounds. */
function limit(name: keyof LeafSchema, bound: number | undefined): Record<string, number> {
  return bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? {} : { [name]: bound };
}
