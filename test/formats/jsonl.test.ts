import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonlLog, readJsonl } from '../../src/formats/jsonl.js';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-jsonl-'));
  path = join(dir, 'samples.jsonl');
});
afterEach(() => rm(dir, { recursive: true }));

test('appends rows in the order of the calls and finds them again', async () => {
  const log = await JsonlLog.open(path);
  expect(log.rows).toEqual([]);
  await Promise.all([
    log.append({ n: 1, text: 'line\nbreak é' }),
    log.append({ n: 2 }),
    log.append({ n: 3 }),
  ]);
  await log.close();
  const again = await JsonlLog.open(path);
  expect(again.rows).toEqual([{ n: 1, text: 'line\nbreak é' }, { n: 2 }, { n: 3 }]);
  await again.append({ n: 4 });
  await again.close();
  expect((await readJsonl(path)).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
});

test('wherever the file is cut, the whole lines survive and the log goes on', async () => {
  const rows = [{ id: 'a', text: 'é€𝄞' }, { id: 'b' }, { id: 'c', list: [1, { x: 'y' }] }];
  const lines = rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`));
  const bytes = Buffer.concat(lines);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), async (cut) => {
      await writeFile(path, bytes.subarray(0, cut));
      const whole: typeof rows = [];
      let end = 0;
      for (const [i, line] of lines.entries()) {
        end += line.length;
        // A line that lacks only its newline is whole.
        if (cut >= end - 1) whole.push(rows[i]!);
      }
      expect(await readJsonl(path)).toEqual(whole);
      const log = await JsonlLog.open(path);
      expect(log.rows).toEqual(whole);
      await log.append({ id: 'new' });
      await log.close();
      expect(await readJsonl(path)).toEqual([...whole, { id: 'new' }]);
    }),
    { numRuns: 60 },
  );
});

test('reading leaves a torn file alone, opening repairs it and tells how much', async () => {
  await writeFile(path, '{"n":1}\n{"n":');
  expect(await readJsonl(path)).toEqual([{ n: 1 }]);
  expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":');
  const log = await JsonlLog.open(path);
  expect(log.repairedBytes).toBe(5);
  await log.close();
  expect(await readFile(path, 'utf8')).toBe('{"n":1}\n');
});

test('zeros that a power cut leaves at the end are cut off', async () => {
  await writeFile(path, Buffer.concat([Buffer.from('{"n":1}\n'), Buffer.alloc(64)]));
  const log = await JsonlLog.open(path);
  expect(log.rows).toEqual([{ n: 1 }]);
  expect(log.repairedBytes).toBe(64);
  await log.close();
});

test('damage in the middle is an error with its line', async () => {
  await writeFile(path, '{"n":1}\nnonsense\n{"n":3}\n');
  await expect(JsonlLog.open(path)).rejects.toMatchObject({
    code: 'JSONL_DAMAGED',
    message: expect.stringContaining('samples.jsonl:2'),
  });
  await expect(readJsonl(join(dir, 'none.jsonl'))).rejects.toMatchObject({ code: 'JSONL_UNREADABLE' });
});

test('every row that append has confirmed survives kill -9', async () => {
  const child = spawn(process.execPath, [
    '--import',
    'tsx',
    fileURLToPath(new URL('./append-forever.ts', import.meta.url)),
    path,
  ]);
  let confirmed = 0;
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      confirmed = Number(chunk.toString().trim().split('\n').at(-1));
      if (confirmed >= 20) {
        child.kill('SIGKILL');
      }
    });
    child.stderr.on('data', (chunk: Buffer) => reject(new Error(chunk.toString())));
    child.on('exit', () => resolve());
  });
  expect(confirmed).toBeGreaterThanOrEqual(20);
  const log = await JsonlLog.open(path);
  await log.close();
  expect(log.rows.length).toBeGreaterThanOrEqual(confirmed);
  expect(log.rows.map(({ n }) => n)).toEqual(log.rows.map((_, i) => i + 1));
});
