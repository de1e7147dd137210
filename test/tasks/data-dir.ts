import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../../src/errors.js';

/** The real data sets of REPRO_DATA_DIR, for tests that read them. */
export const dataDir = process.env.REPRO_DATA_DIR ?? '';
export const skipped = existsSync(dataDir) ? false : 'REPRO_DATA_DIR is not set';

/** A data folder of its own with these files. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'repro-data-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Objects as JSON lines. */
export function jsonl(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The UsageError with which something ends. */
export async function refusal(act: () => unknown): Promise<UsageError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
