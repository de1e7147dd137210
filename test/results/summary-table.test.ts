import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { summaryColumns } from '../../src/results/columns.js';
import { readSummary } from '../../src/results/csv.js';
import { defaultCsv } from './diff/sides.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-summary-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** The error of reading a file with such content, without the folder. */
async function refusal(content: string | Uint8Array): Promise<string> {
  const path = join(dir, 'summary.csv');
  await writeFile(path, content);
  const error: unknown = await readSummary(path).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'UsageError', exitCode: 2 });
  return (error as Error).message.replaceAll(`${dir}/`, '');
}

const [header, first, second] = defaultCsv.trimEnd().split('\n') as [string, string, string];
const table = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
/** The second row with another text in a column. */
function withCell(column: string, text: string): string {
  const cells = second.split(',');
  cells[(summaryColumns as readonly string[]).indexOf(column)] = text;
  return table(header, first, cells.join(','));
}

describe('a file that is no summary is refused with what it is', () => {
  test.each([
    ['', 'summary.csv: the file is empty.'],
    ['{"verdict": "same"}', 'summary.csv: not a CSV table but JSON.'],
    ['<!DOCTYPE html>\n<html></html>', 'summary.csv: not a CSV table but HTML or XML.'],
    [Uint8Array.of(80, 75, 3, 4, 0, 0), 'summary.csv: not a CSV table but binary data (or not in UTF-8).'],
    [Buffer.from('\ufeffa,b', 'utf16le'), 'summary.csv: not a CSV table but UTF-16 text; save it as UTF-8.'],
    ['Dear all,\n', 'summary.csv: not a summary.csv of a run: its first line is "Dear all,".'],
    ['name,score\nx,1\n', 'summary.csv: not a summary.csv of a run: its first line is "name,score".'],
    [
      header.replaceAll(',', ';'),
      'summary.csv: not a summary.csv of a run: its fields are separated by semicolons, not by commas.',
    ],
  ])('%#', async (content, message) => {
    expect(await refusal(content)).toBe(message);
  });
});

describe('a damaged summary is refused with file, line and column', () => {
  test.each([
    [table(header.replace('tps,', 'tps_x,'), first), 'column "tps" is missing; did you mean "tps_x"?'],
    [
      table(header.replace('latency_s', 'seconds'), first),
      'column "latency_s" is missing; did you mean "seconds"?',
    ],
    [
      table(header.replace('nfe_mean', 'x').replace('verdict', 'y'), first),
      'column "nfe_mean" is missing, and 1 more (verdict).',
    ],
    [withCell('tps', 'NaN'), ':3: column "tps" is "NaN", but it must be a finite number or empty.'],
    [withCell('nfe_mean', 'Infinity'), ':3: column "nfe_mean" is "Infinity", but'],
    [withCell('accuracy', '"0,9"'), ':3: column "accuracy" is "0,9", but'],
    [withCell('schema', '7'), ':3: column "schema" is "7", but this version reads 1.'],
    [table(header, `${first},1`), ':2: not a CSV table: 49 fields, but the header has 48.'],
    [table(header, first, 'x'), ':3: not a CSV table: 1 field, but the header has 48.'],
  ])('%#', async (content, message) => {
    expect(await refusal(content)).toContain(message);
  });
});

test('a header alone is a table without rows', async () => {
  const path = join(dir, 'header.csv');
  await writeFile(path, table(header));
  expect(await readSummary(path)).toEqual([]);
});
