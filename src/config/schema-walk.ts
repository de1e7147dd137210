import { z } from 'zod';

/** A schema without default, optional and nullable; those say nothing about the shape of a value. */
export function bare(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable
  ) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

/**
 * The same keys, none of them required and none filled in, at every depth: for settings that are laid over
 * others, where a default would hide what lies below.
 */
export function partialWithoutDefaults<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
): z.ZodType<Partial<z.output<z.ZodObject<Shape, z.core.$strict>>>> {
  const entries = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => {
    const { description } = field;
    const type = bare(field);
    const inner = (type instanceof z.ZodObject ? partialWithoutDefaults(type as never) : type).optional();
    return [key, description === undefined ? inner : inner.describe(description)] as const;
  });
  return z.strictObject(Object.fromEntries(entries)) as never;
}

/**
 * The object schema that applies to `value`: the object itself, or the branch of a discriminated union that
 * the value names. Undefined for leaves and for a union whose branch is not known.
 */
export function objectSchema(schema: z.ZodType, value: unknown): z.ZodObject | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return inner;
  if (!(inner instanceof z.ZodDiscriminatedUnion)) {
    // A union of a short form and a section: a section is meant where one is written.
    if (!(inner instanceof z.ZodUnion) || !isRecord(value)) return undefined;
    const sections = inner.options.map((option) => objectSchema(option as z.ZodType, value));
    return sections.find((section) => section !== undefined);
  }
  const key = inner.def.discriminator;
  const name = isRecord(value) ? value[key] : undefined;
  const branch = inner.options.find((option) => {
    const tag = objectSchema(option as z.ZodType, value)?.shape[key];
    return tag instanceof z.ZodLiteral && tag.values.has(name as never);
  });
  return branch === undefined ? undefined : objectSchema(branch as z.ZodType, value);
}

/** The keys that may stand at a place: those of its object schema, those present in a record, or none. */
export function knownKeys(schema: z.ZodType, value: unknown): string[] {
  const object = objectSchema(schema, value);
  if (object !== undefined) return Object.keys(object.shape);
  if (bare(schema) instanceof z.ZodRecord && isRecord(value)) return Object.keys(value);
  return [];
}

/** The schema of `key` at a place, or undefined where no such key may stand. */
export function childSchema(schema: z.ZodType, value: unknown, key: string | number): z.ZodType | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) return typeof key === 'number' ? (inner.element as z.ZodType) : undefined;
  if (inner instanceof z.ZodRecord) return isRecord(value) ? (inner.valueType as z.ZodType) : undefined;
  const object = objectSchema(inner, value);
  if (object === undefined || !Object.hasOwn(object.shape, key)) return undefined;
  return object.shape[key] as z.ZodType;
}

/** Whether values at a place are objects with keys of their own. */
export function isSection(schema: z.ZodType): boolean {
  const inner = bare(schema);
  return (
    inner instanceof z.ZodObject || inner instanceof z.ZodDiscriminatedUnion || inner instanceof z.ZodRecord
  );
}

/** Later layers over earlier ones, key by key; sections are merged and everything else is replaced. */
export function mergeLayers(...layers: readonly (object | undefined)[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer ?? {})) {
      const below = merged[key];
      merged[key] = isRecord(below) && isRecord(value) ? mergeLayers(below, value) : value;
    }
  }
  return merged;
}

/** The record without some of its keys. */
export function without<T extends object>(record: T, keys: readonly (keyof T)[]): T {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key as keyof T))) as T;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
