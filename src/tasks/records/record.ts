import type { z } from 'zod';

/** What a benchmark's record means, in the words that every task shares. */
export interface RecordView {
  /** Values for the templates of a task, by placeholder. */
  readonly fields: Readonly<Record<string, string>>;
  /** The reference answer that scoring compares with. */
  readonly target: string;
  /** The full reference response of the data set. */
  readonly solution: string;
  /** Option texts in the order shown. */
  readonly choices?: readonly string[];
  readonly code?: { readonly prompt: string; readonly test: string; readonly entryPoint: string };
  /** Subject, type or domain: the unit over which limited runs spread and sub-scores are given. */
  readonly group?: string;
}

/** A record schema of a published data set and its reading. */
export interface RecordKind<T = unknown> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** Field of the record that names it in its data set; no two records have the same. */
  readonly idField?: string;
  /** Whether readings of these records depend on what else is in their file. */
  isWholeFile?(records: readonly T[]): boolean;
  /** Readings of all records of a file, in their order: a shuffle may run through them. */
  views(records: readonly T[]): RecordView[];
}

/** Ties a schema to the reading of a record; the loader then handles all kinds alike. */
export function recordKind<T>(
  name: string,
  schema: z.ZodType<T>,
  view: (record: T) => RecordView,
  idField?: Extract<keyof T, string>,
): RecordKind<T> {
  const views = (records: readonly T[]) => records.map(view);
  return { name, schema, views, ...(idField === undefined ? {} : { idField }) };
}
