import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolders } from '../../src/formats/files.js';
import { sha256 } from './fake-hub.js';
import { all, bench, bytes, commit, repo } from './setup.js';

const content = bytes(3_000_000);
const path = 'model.bin';
const etag = sha256(content);

async function filled() {
  const it = await bench();
  it.server.files.set(path, { content, lfs: true });
  const blobs = join(it.cacheFolder, 'datasets--owner--data', 'blobs');
  const isWhole = async () => content.equals(await readFile(join(blobs, etag)));
  const child = () => start(it.server.endpoint, it.cacheFolder);
  return { ...it, blobs, isWhole, child };
}

/** A pull in a process of its own, with what it printed. */
function start(endpoint: string, cacheFolder: string) {
  const script = fileURLToPath(new URL('./pull-child.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, endpoint, cacheFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  const waiting = new Set<() => void>();
  child.stdout!.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop()!;
    lines.push(...parts.map((line) => JSON.parse(line)));
    for (const wake of waiting) wake();
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const until = (holds: (line: Record<string, unknown>) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const wake = () => {
        if (lines.some(holds)) resolve();
      };
      waiting.add(wake);
      wake();
      void exit.then((code) => reject(new Error(`ended with ${code} before it said so`)));
    });
  return { child, lines, exit, until };
}

test('kill -9 in the middle: the next pull goes on with what the dead one left', async () => {
  const { server, blobs, isWhole, child, client } = await filled();
  server.fileFaults.set(path, [{ stall: 1_500_000 }]);
  const killed = child();
  await killed.until((line) => line.kind === 'bytes' && (line.fileDone as number) > 1_000_000);
  killed.child.kill('SIGKILL');
  expect(await killed.exit).toBeNull();
  const left = await readdir(blobs);
  expect(left).toEqual([
    expect.stringMatching(new RegExp(`^${etag}\\.[0-9a-f]{8}-${killed.child.pid}-[0-9a-f]{8}\\.incomplete$`)),
  ]);
  const kept = (await readFile(join(blobs, left[0]!))).length;
  expect(kept).toBeGreaterThan(1_000_000);
  expect(await client({ offline: true }).cachedFile(repo, commit, path)).toBeUndefined();

  await client().pull(repo, { revision: 'main', select: all });
  expect(server.requestsFor(path).at(-1)!.headers.range).toBe(`bytes=${kept}-`);
  expect(await isWhole()).toBe(true);
  expect(await readdir(blobs)).toEqual([etag]);
});

test('two processes that pull one file at once both end with the whole file', async () => {
  const { server, blobs, isWhole, child } = await filled();
  let goOn = () => {};
  const go = new Promise<void>((done) => {
    goOn = done;
  });
  // Both are in the middle of the file before either may go on.
  server.fileFaults.set(path, [{ hold: { bytes: 1_000_000, go } }, { hold: { bytes: 2_000_000, go } }]);
  const pulls = [child(), child()];
  const begun = (line: Record<string, unknown>) =>
    line.kind === 'bytes' && (line.fileDone as number) > 500_000;
  await Promise.all(pulls.map(({ until }) => until(begun)));
  expect(await readdir(blobs)).toHaveLength(2);
  goOn();
  for (const { exit, lines } of pulls) {
    expect(await exit).toBe(0);
    expect(lines.at(-1)).toEqual({ kind: 'pulled', sha256: [etag] });
  }
  expect(await isWhole()).toBe(true);
  expect(await readdir(blobs)).toEqual([etag]);
});

test('of two processes one is killed: the other is not disturbed, and removes the litter', async () => {
  const { server, blobs, isWhole, child } = await filled();
  let goOn = () => {};
  const go = new Promise<void>((done) => {
    goOn = done;
  });
  server.fileFaults.set(path, [{ hold: { bytes: 1_000_000, go } }, { hold: { bytes: 1_000_000, go } }]);
  const [one, other] = [child(), child()] as const;
  const begun = (line: Record<string, unknown>) =>
    line.kind === 'bytes' && (line.fileDone as number) > 500_000;
  await Promise.all([one.until(begun), other.until(begun)]);
  one.child.kill('SIGKILL');
  await one.exit;
  goOn();
  expect(await other.exit).toBe(0);
  expect(await isWhole()).toBe(true);
  expect(await readdir(blobs)).toEqual([etag]);
});

test('a pull in the same process, of the same file, at the same time', async () => {
  const { client, blobs, isWhole } = await filled();
  const pulls = [1, 2, 3].map(() => client().pull(repo, { revision: 'main', select: all }));
  const files = (await Promise.all(pulls)).map((pulled) => pulled.files);
  expect(files[1]).toEqual(files[0]);
  expect(files[2]).toEqual(files[0]);
  expect(await isWhole()).toBe(true);
  expect(await readdir(blobs)).toEqual([etag]);
});

/** The name that a process writes to. */
const nameOf = (host: string, pid: number) =>
  `${etag}.${createHash('sha256').update(host).digest('hex').slice(0, 8)}-${pid}-00000000.incomplete`;

test.each([
  ['of a living process of this machine', hostname(), process.ppid, 0, false],
  [
    'of this process, which does not know it (an earlier one had its number)',
    hostname(),
    process.pid,
    0,
    true,
  ],
  ['of another machine, written to just now', 'elsewhere', 1, 0, false],
  ['of another machine, idle for an hour', 'elsewhere', 1, 3600, true],
  ['of a living process, idle for an hour', hostname(), process.ppid, 3600, true],
])('a partial file %s', async (_, host, pid, idleSeconds, isTaken) => {
  const { client, server, blobs, isWhole } = await filled();
  await makeFolders(blobs);
  const left = join(blobs, nameOf(host, pid));
  await writeFile(left, content.subarray(0, 2_000_000));
  const when = Date.now() / 1000 - idleSeconds;
  await utimes(left, when, when);
  await client().pull(repo, { revision: 'main', select: all });
  expect(server.requestsFor(path).map(({ headers }) => headers.range)).toEqual([
    isTaken ? 'bytes=2000000-' : undefined,
  ]);
  expect(await isWhole()).toBe(true);
  expect((await readdir(blobs)).length).toBe(isTaken ? 1 : 2);
});

test('of several that are left the longest is used and the others go', async () => {
  const { client, server, blobs, isWhole } = await filled();
  await makeFolders(blobs);
  await writeFile(join(blobs, `${etag}.incomplete`), content.subarray(0, 1000));
  await writeFile(join(blobs, nameOf(hostname(), process.pid)), content.subarray(0, 2_500_000));
  // Python's own, whose owner cannot be known.
  await writeFile(join(blobs, `${etag}.01234567.incomplete`), content.subarray(0, 2_600_000));
  await client().pull(repo, { revision: 'main', select: all });
  expect(server.requestsFor(path)[0]!.headers.range).toBe('bytes=2500000-');
  expect(await isWhole()).toBe(true);
  expect((await readdir(blobs)).sort()).toEqual([etag, `${etag}.01234567.incomplete`]);
});
