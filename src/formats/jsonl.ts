import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../errors.js';
import { isJsonObject } from './json.js';

export type JsonObject = Record<string, unknown>;

const newline = 0x0a;

/**
 * A file of one JSON object a line that survives `kill -9`: a line is on the disk when `append` returns, and
 * a line torn by a crash is cut off when the file is opened again. One writer at a time.
 */
export class JsonlLog {
  readonly path: string;
  /** The rows that the file held when it was opened. */
  readonly rows: readonly JsonObject[];
  /** Bytes of a torn last line that were cut off. */
  readonly repairedBytes: number;
  readonly #handle: FileHandle;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, rows: readonly JsonObject[], repairedBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.rows = rows;
    this.repairedBytes = repairedBytes;
  }

  /**
   * Opens for appending, creates the file if it is missing, repairs its last line.
   *
   * @throws UsageError if a line other than the last is not a JSON object.
   */
  static async open(path: string): Promise<JsonlLog> {
    const handle = await open(path, 'a+');
    try {
      const content = parseJsonl(await handle.readFile(), basename(path));
      if (content.tornBytes > 0) await handle.truncate(content.wholeBytes);
      if (content.lacksNewline) await handle.appendFile('\n');
      await handle.sync();
      return new JsonlLog(path, handle, content.rows, content.tornBytes);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Appends one row; resolves once it is on the disk. Concurrent calls are written in their order. */
  append(row: object): Promise<void> {
    const line = `${JSON.stringify(row)}\n`;
    const written = this.#queue.then(async () => {
      await this.#handle.appendFile(line);
      await this.#handle.datasync();
    });
    // A failed row must not take the following ones with it; its own caller sees the error.
    this.#queue = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#handle.close();
  }
}

/**
 * The rows of a JSONL file, without changing it; a torn last line is left out.
 *
 * @throws UsageError if the file is missing or a line other than the last is not a JSON object.
 */
export async function readJsonl(path: string): Promise<JsonObject[]> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw new UsageError(
      'JSONL_UNREADABLE',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  try {
    return parseJsonl(await handle.readFile(), basename(path)).rows;
  } finally {
    await handle.close();
  }
}

interface JsonlContent {
  readonly rows: JsonObject[];
  /** Bytes up to the torn line. */
  readonly wholeBytes: number;
  readonly tornBytes: number;
  /** The last line is whole but for its newline. */
  readonly lacksNewline: boolean;
}

function parseJsonl(bytes: Uint8Array, file: string): JsonlContent {
  const rows: JsonObject[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const newlineAt = bytes.indexOf(newline, start);
    const end = newlineAt === -1 ? bytes.length : newlineAt;
    const row = parseRow(bytes.subarray(start, end));
    if (row === undefined) {
      if (newlineAt === -1) {
        return { rows, wholeBytes: start, tornBytes: bytes.length - start, lacksNewline: false };
      }
      throw new UsageError(
        'JSONL_DAMAGED',
        `${file}:${line}: not a JSON object; remove the line to go on without that row`,
      );
    }
    rows.push(row);
    if (newlineAt === -1) {
      return { rows, wholeBytes: bytes.length, tornBytes: 0, lacksNewline: true };
    }
    start = end + 1;
  }
  return { rows, wholeBytes: bytes.length, tornBytes: 0, lacksNewline: false };
}

function parseRow(line: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
