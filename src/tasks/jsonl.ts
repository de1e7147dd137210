import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { describeIssue } from './data/read-data.js';

/** One record and where it stands: `line` counts from 1. */
export interface JsonlRecord<T> {
  readonly line: number;
  readonly record: T;
  readonly source: string;
}

/**
 * Reads a data file of one JSON object a line; blank lines are passed over.
 *
 * @throws UsageError DATA_MISSING, DATA_EMPTY, DATA_NOT_JSON or DATA_RECORD, naming file and line
 */
export function readJsonl<T>(path: string, schema: z.ZodType<T>): JsonlRecord<T>[] {
  const records: JsonlRecord<T>[] = [];
  readBytes(path)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((source, index) => {
      if (source.trim() !== '') records.push(parseLine(path, index + 1, source, schema));
    });
  if (records.length === 0) throw new UsageError('DATA_EMPTY', `The data file ${path} holds no record.`);
  return records;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new UsageError('DATA_MISSING', `The data file ${path} ${reason}.`);
  }
}

function parseLine<T>(path: string, line: number, source: string, schema: z.ZodType<T>): JsonlRecord<T> {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new UsageError('DATA_NOT_JSON', `Line ${line} of ${path} is not JSON: ${excerpt(source)}.`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new UsageError('DATA_RECORD', `Line ${line} of ${path}: ${describeIssue(parsed.error, value)}.`);
  }
  return { line, record: parsed.data, source };
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
