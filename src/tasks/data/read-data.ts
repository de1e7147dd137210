import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { z } from 'zod';
import { UsageError } from '../../errors.js';
import { readRows } from '../../formats/records/read-rows.js';
import type { LocatedData } from './locate.js';

/** A record of a data set. */
export interface DataRecord<T> {
  readonly record: T;
  readonly path: string;
  /** In its file, from 1. */
  readonly row: number;
}

/** A file of a data set, as manifests name it. */
export interface DataFileFacts {
  /** Relative to the data set's folder. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Reads and checks all records of a split.
 *
 * @throws UsageError `DATA_*` with file and row: what cannot be read, a record that is not what the data set's
 *   are, an id that stands twice
 */
export async function readData<T>(
  { files, layout }: Pick<LocatedData, 'files' | 'layout'>,
  schema: z.ZodType<T>,
  idField?: string,
): Promise<DataRecord<T>[]> {
  const { csvColumns, normalise } = layout;
  const records: DataRecord<T>[] = [];
  const places = new Map<string, string>();
  for (const path of files) {
    const { rows } = await readRows(path, csvColumns === undefined ? {} : { csvColumns });
    for (const { row, value } of rows) {
      const whole = normalise === undefined ? value : normalise(value as Record<string, unknown>, path);
      const parsed = schema.safeParse(whole);
      if (!parsed.success) {
        throw new UsageError('DATA_RECORD', `Row ${row} of ${path}: ${describeIssue(parsed.error, whole)}.`);
      }
      const id = idField === undefined ? undefined : (parsed.data as Record<string, unknown>)[idField];
      if (typeof id === 'string') refuseTwice(id, `row ${row} of ${path}`, idField!, places);
      records.push({ record: parsed.data, path, row });
    }
  }
  return records;
}

function refuseTwice(id: string, place: string, field: string, places: Map<string, string>): void {
  const earlier = places.get(id);
  if (earlier === undefined) {
    places.set(id, place);
    return;
  }
  const what = `${place[0]!.toUpperCase()}${place.slice(1)} has the same ${field} "${id}" as ${earlier}`;
  throw new UsageError('DATA_RECORD', `${what}; take one of them out, or download the data again.`);
}

/** The first problem that zod found, in one clause: `field "answer" is missing`. */
export function describeIssue(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0]!;
  if (issue.path.length === 0) return `the record is not an object (${issue.message})`;
  const field = issue.path.map(String).join('.');
  const given = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  return given === undefined || given === null
    ? `field "${field}" is missing`
    : `field "${field}": ${issue.message}`;
}

/** Bytes and digest of each file. Reads them all. */
export function fileFacts({ files, folder }: Pick<LocatedData, 'files' | 'folder'>): DataFileFacts[] {
  return files.map((path) => {
    const bytes = readFileSync(path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name: relative(folder, path), bytes: bytes.length, sha256 };
  });
}

/** One digest of all files: that of the file itself where there is one, else of the list of names and digests. */
export function dataDigest(facts: readonly DataFileFacts[]): string {
  if (facts.length === 1) return facts[0]!.sha256;
  const list = facts.map(({ name, sha256 }) => `${sha256}  ${name.replaceAll('\\', '/')}\n`).join('');
  return createHash('sha256').update(list).digest('hex');
}
