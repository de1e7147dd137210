import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { JsonlLog, readJsonl } from '../formats/jsonl.js';
import { groupBy } from '../group-by.js';

/** What the lines of a log are. */
export interface RowFormat<Row> {
  readonly schema: z.ZodType<Row>;
  /** Of the error about a line that does not fit. */
  readonly errorCode: string;
  /** What no two lines may have in common; of lines with the same key the first one counts. */
  key(row: Row): string;
}

/** Rows of a run, on the disk one by one as they finish. */
export class RowLog<Row extends object> {
  /** The rows that were there already: a resumed run skips them. */
  readonly rows: readonly Row[];
  /** Bytes of a torn last line that were cut off. */
  readonly repairedBytes: number;
  readonly #log: JsonlLog;
  readonly #schema: RowFormat<Row>['schema'];

  private constructor(log: JsonlLog, format: RowFormat<Row>, rows: readonly Row[]) {
    this.#log = log;
    this.#schema = format.schema;
    this.rows = rows;
    this.repairedBytes = log.repairedBytes;
  }

  /** @throws UsageError if a line is damaged or of another schema version. */
  static async open<Row extends object>(path: string, format: RowFormat<Row>): Promise<RowLog<Row>> {
    const log = await JsonlLog.open(path);
    try {
      return new RowLog(log, format, parseRows(log.rows, path, format));
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Resolves once the row is on the disk, its fields in the order of the schema: equal rows are equal lines. */
  append(row: Row): Promise<void> {
    return this.#log.append(this.#schema.parse(row));
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/**
 * The rows of a log; the file is not changed.
 *
 * @param options.optional A file that is not there has no rows.
 * @throws UsageError if a line is damaged or of another schema version.
 */
export async function readRows<Row>(
  path: string,
  format: RowFormat<Row>,
  { optional = false } = {},
): Promise<Row[]> {
  if (optional && !existsSync(path)) return [];
  return parseRows(await readJsonl(path), path, format);
}

/** Rows by the id of their cell, in their order. */
export function byCell<Row extends { readonly cell: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> {
  return groupBy(rows, ({ cell }) => cell);
}

function parseRows<Row>(
  lines: readonly unknown[],
  path: string,
  { schema, errorCode, key }: RowFormat<Row>,
): Row[] {
  const rows = new Map<string, Row>();
  for (const [i, line] of lines.entries()) {
    const parsed = schema.safeParse(line);
    if (!parsed.success) {
      const { path: field, message } = parsed.error.issues[0]!;
      throw new UsageError(
        errorCode,
        `${path}:${i + 1}: "${field.join('.')}": ${message}; the run was made by another version`,
      );
    }
    const id = key(parsed.data);
    if (!rows.has(id)) rows.set(id, parsed.data);
  }
  return [...rows.values()];
}
