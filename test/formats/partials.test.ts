import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { writeWhole } from '../../src/formats/files.js';
import { hostTag, ownPartial, removeLeftOvers } from '../../src/formats/partials.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-partials-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** A process that has been and is no more. */
const gone = spawnSync(process.execPath, ['-e', '']).pid;
const partialOf = (name: string, host: string, pid: number) => `${name}.${host}-${pid}-0123abcd.partial`;

test('a write that fails leaves the old file and nothing else', async () => {
  const path = join(folder, 'a.json');
  await writeWhole(path, 'old');
  // A folder cannot be replaced by a file: the rename fails.
  await mkdir(join(folder, 'taken', 'full'), { recursive: true });
  await expect(writeWhole(join(folder, 'taken'), 'new')).rejects.toThrow();
  await expect(writeWhole(join(folder, 'none', 'a.json'), 'new')).rejects.toThrow('ENOENT');
  expect(await readdir(folder)).toEqual(['a.json', 'taken']);
  expect(await readFile(path, 'utf8')).toBe('old');
});

test('writes of one file at once end with one of them, whole', async () => {
  const path = join(folder, 'a.txt');
  const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['a.txt']);
});

test('what a process that is gone has left goes with the next write of the same file', async () => {
  const mine = ownPartial(join(folder, 'a.txt'));
  await writeFile(mine, 'being written');
  await writeFile(join(folder, partialOf('a.txt', hostTag, gone)), 'torn');
  await writeFile(join(folder, partialOf('b.txt', hostTag, gone)), 'of another file');
  await writeFile(join(folder, 'a.txt.partial'), 'named by somebody else');
  await writeWhole(join(folder, 'a.txt'), 'new');
  const left = await readdir(folder);
  expect(left.sort()).toEqual(
    ['a.txt', 'a.txt.partial', partialOf('b.txt', hostTag, gone), mine.slice(folder.length + 1)].sort(),
  );
});

test('of another machine only what is a day older than its folder goes', async () => {
  const [fresh, old] = [partialOf('fresh', '00000000', gone), partialOf('old', '00000000', gone)];
  for (const name of [fresh, old]) await mkdir(join(folder, name));
  const twoDaysAgo = Date.now() / 1000 - 48 * 3600;
  await utimes(join(folder, old), twoDaysAgo, twoDaysAgo);
  await removeLeftOvers(folder);
  expect(await readdir(folder)).toEqual([fresh]);
});
