import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { OpenPartial } from '../../src/hub/partial.js';
import { sha256 } from './fake-hub.js';
import { all, bench, bytes, commit, faultOf, repo, temporaryFolder } from './setup.js';

const content = bytes(3_000_000);
const selection = { revision: commit, select: all };

/**
 * A disk with room for so many bytes, that writes what fits and then answers as Linux does. The rest is the
 * real one.
 */
function smallDisk(room: number, code: 'ENOSPC' | 'EDQUOT' | 'EIO' = 'ENOSPC'): OpenPartial {
  return async (path, flags) => {
    const handle = await open(path, flags);
    return {
      async write(chunk, offset, length, position) {
        const fits = Math.min(length, room - position);
        if (fits <= 0) throw Object.assign(new Error(`${code}: write`), { code, syscall: 'write' });
        return handle.write(chunk, offset, fits, position);
      },
      stat: () => handle.stat(),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  };
}

async function filled() {
  const it = await bench();
  it.server.files.set('model.bin', { content, lfs: true });
  return { ...it, blobs: join(it.cacheFolder, 'datasets--owner--data', 'blobs') };
}

test.each(['ENOSPC', 'EDQUOT'] as const)('%s: a sentence, no retries, and the bytes stay', async (code) => {
  const { client, server, blobs, cacheFolder, pauses } = await filled();
  const error = await faultOf(client({}, { open: smallDisk(1_234_567, code) }).pull(repo, selection));
  expect(error.code).toBe('HUB_DISK_FULL');
  expect(error.message).toBe(
    `The disk is full at ${cacheFolder} (${code}); make room and run it again, or set HF_HUB_CACHE to a ` +
      'folder on a larger disk; the 1234567 of 3000000 bytes that have arrived stay.',
  );
  expect(pauses).toEqual([]);
  expect(await readdir(blobs)).toEqual([`${sha256(content)}.incomplete`]);
  await client().pull(repo, selection);
  expect(server.requestsFor('model.bin').map(({ headers }) => headers.range)).toEqual([
    undefined,
    'bytes=1234567-',
  ]);
  expect(content.equals(await readFile(join(blobs, sha256(content))))).toBe(true);
});

test('a disk that is too small is refused before anything comes; what has come before counts', async () => {
  const { client, server, blobs, cacheFolder } = await filled();
  const asked: string[] = [];
  const free = (bytes: number) => ({
    freeBytes: async (dir: string) => {
      asked.push(dir);
      return bytes;
    },
  });
  const error = await faultOf(client({}, free(2_999_999)).pull(repo, selection));
  expect(error.code).toBe('HUB_DISK_FULL');
  expect(error.message).toBe(
    `3.0 MB of the data set owner/data are still to come, and ${cacheFolder} has 3.0 MB free; make room and run it ` +
      'again, or set HF_HUB_CACHE to a folder on a larger disk.',
  );
  expect(asked).toEqual([cacheFolder]);
  expect(server.requestsFor('model.bin')).toEqual([]);
  await mkdir(blobs, { recursive: true });
  await writeFile(join(blobs, `${sha256(content)}.incomplete`), content.subarray(0, 1_000_000));
  await client({}, free(2_000_000)).pull(repo, selection);
  expect(server.requestsFor('model.bin')).toHaveLength(1);
  // All there: no room is asked for.
  await client({}, free(0)).pull(repo, selection);
  expect(asked).toHaveLength(2);
});

test('a disk that breaks is not called full', async () => {
  const { client } = await filled();
  const error = await faultOf(client({}, { open: smallDisk(1000, 'EIO') }).pull(repo, selection));
  expect(error.code).toBe('HUB_CACHE');
  expect(error.message).toContain('(EIO, write)');
});

/** A real file system of 2 MiB, or undefined where this user may not mount one. */
async function tinyDisk(): Promise<string | undefined> {
  const folder = await temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

test('a real disk that is full', async ({ skip }) => {
  const cacheFolder = await tinyDisk();
  if (cacheFolder === undefined) return skip('a small file system can be mounted by root only');
  const { client, server } = await filled();
  const refused = await faultOf(client({ cacheFolder }).pull(repo, selection));
  expect(refused.code).toBe('HUB_DISK_FULL');
  expect(refused.message).toMatch(/^3\.0 MB of the .* are still to come, and .* has 2\.\d MB free;/);
  expect(server.requestsFor('model.bin')).toEqual([]);
  // Somebody else fills it after it was looked at.
  const freeBytes = async () => 3_000_000;
  const error = await faultOf(client({ cacheFolder }, { freeBytes }).pull(repo, selection));
  expect(error.code).toBe('HUB_DISK_FULL');
  const kept = Number(error.message.match(/the (\d+) of 3000000 bytes/)?.[1]);
  expect(kept).toBeGreaterThan(1_500_000);
  execFileSync('mount', ['-o', 'remount,size=8m', cacheFolder]);
  const { files } = await client({ cacheFolder }).pull(repo, selection);
  expect(server.requestsFor('model.bin').at(-1)!.headers.range).toBe(`bytes=${kept}-`);
  expect(content.equals(await readFile(files[0]!.localPath))).toBe(true);
});
