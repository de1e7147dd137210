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

/** The records of a split, each once. */
export interface ReadData<T> {
  readonly records: DataRecord<T>[];
  /** What was passed over: rows that repeat an earlier one, in sentences. */
  readonly notices: readonly string[];
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
 * A row that repeats an earlier one in full is passed over and told.
 *
 * @throws UsageError `DATA_*` with file and row: what cannot be read, a record that is not what the data set's
 *   are, an id that two unlike records have
 */
export async function readData<T>(
  { files, layout, set }: Pick<LocatedData, 'files' | 'layout' | 'set'>,
  schema: z.ZodType<T>,
  idField?: string,
): Promise<ReadData<T>> {
  const { csvColumns, normalise } = layout;
  const records: DataRecord<T>[] = [];
  const seen = new Map<string, { place: string; content: string }>();
  const notices: string[] = [];
  for (const path of files) {
    const { rows } = await readRows(path, csvColumns === undefined ? {} : { csvColumns });
    for (const { row, value } of rows) {
      const whole = normalise === undefined ? value : normalise(value as Record<string, unknown>, path);
      const parsed = schema.safeParse(whole);
      if (!parsed.success) {
        const next =
          records.length === 0
            ? `if these are no records of ${set.title}, name another folder, or type "repro data pull ${set.id}"`
            : 'correct the row, or download the data again';
        throw new UsageError(
          'DATA_RECORD',
          `Row ${row} of ${path}: ${describeIssue(parsed.error, whole)}; ${next}.`,
        );
      }
      const id = idField === undefined ? undefined : (parsed.data as Record<string, unknown>)[idField];
      const repeats =
        typeof id === 'string' ? earlier(id, parsed.data, `Row ${row} of ${path}`, idField!, seen) : null;
      if (repeats === null) records.push({ record: parsed.data, path, row });
      else notices.push(repeats);
    }
  }
  return { records, notices };
}

/** A sentence if the record was read before; null for a new one. */
function earlier(
  id: string,
  record: unknown,
  place: string,
  field: string,
  seen: Map<string, { place: string; content: string }>,
): string | null {
  const content = JSON.stringify(record);
  const first = seen.get(id);
  if (first === undefined) {
    seen.set(id, { place, content });
    return null;
  }
  const where = `${first.place[0]!.toLowerCase()}${first.place.slice(1)}`;
  if (first.content === content) return `${place} repeats ${where} ("${id}") and is passed over.`;
  throw new UsageError(
    'DATA_RECORD',
    `${place} has the same ${field} "${id}" as ${where}, and is another record; download the data again.`,
  );
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
