import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { UsageError } from '../../../src/errors.js';
import { type ReadOptions, readRows } from '../../../src/formats/records/read-rows.js';

/** A file in a folder that goes with the test. */
export function fileOf(name: string, content: string | Uint8Array): string {
  const dir = mkdtempSync(join(tmpdir(), 'repro-records-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

/** Values of a file with this name and content. */
export async function valuesOf(name: string, content: string | Uint8Array, options?: ReadOptions) {
  return (await readRows(fileOf(name, content), options)).rows.map(({ value }) => value);
}

/** `CODE: message` of the refusal, with `FILE` for the path. */
export async function refusalOf(path: string, options?: ReadOptions): Promise<string> {
  const error = await readRows(path, options).then(
    () => undefined,
    (error: UsageError) => error,
  );
  return error === undefined ? 'read' : `${error.code}: ${error.message.replaceAll(path, 'FILE')}`;
}
