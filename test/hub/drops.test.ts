import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolders } from '../../src/formats/files.js';
import type { OpenPartial } from '../../src/hub/partial.js';
import { sha256 } from './fake-hub.js';
import { all, bench, bytes, commit, faultOf, repo } from './setup.js';

const content = bytes(4_000_000);
const path = 'model.bin';
const selection = { revision: commit, select: all };

async function filled(lfs = true) {
  const it = await bench();
  it.server.files.set(path, { content, lfs });
  const blobs = join(it.cacheFolder, 'datasets--owner--data', 'blobs');
  const ranges = () => it.server.requestsFor(path).map(({ headers }) => headers.range);
  const sent = () => it.server.requestsFor(path).reduce((sum, seen) => sum + seen.sent, 0);
  const isWhole = async () => content.equals(await readFile(join(blobs, sha256(content))));
  return { ...it, blobs, ranges, sent, isWhole };
}

/** What `ranges` holds after a resume, as a number. */
const startOf = (range: string | undefined) => Number(range?.match(/^bytes=(\d+)-$/)?.[1]);

test('a connection that drops in the middle is taken up where it broke', async () => {
  const { client, server, ranges, sent, isWhole, pauses, events } = await filled();
  server.fileFaults.set(path, [{ drop: 1_500_000 }, { drop: 1_500_000 }]);
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(ranges()).toHaveLength(3);
  expect(ranges()[0]).toBeUndefined();
  const [, second, third] = ranges().map(startOf);
  expect(second).toBeGreaterThan(1_000_000);
  expect(third).toBeGreaterThan(second! + 1_000_000);
  // What was sent twice is at most what was on its way when the connection broke.
  expect(sent()).toBeLessThan(content.length + 2 * 500_000);
  // Progress starts patience anew: one second each, not one and two.
  expect(pauses).toEqual([1000, 1000]);
  expect(events.filter(({ kind }) => kind === 'retry')).toHaveLength(2);
  expect(events.at(-2)).toEqual({
    kind: 'bytes',
    path,
    fileDone: content.length,
    fileTotal: content.length,
    allDone: content.length,
    allTotal: content.length,
  });
});

test('the token and the range survive a resume of a plain file on the hub itself', async () => {
  const { client, server, ranges } = await filled(false);
  server.fileFaults.set(path, [{ drop: 2_000_000 }]);
  const pulled = await client({ token: 'hf_x' }).pull(repo, selection);
  expect(pulled.files[0]!.sha256).toBe(sha256(content));
  expect(startOf(ranges()[1])).toBeGreaterThan(1_000_000);
  expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer hf_x')).toBe(true);
});

test('after six drops, five of them without progress, the pull ends, keeps its bytes, and the next pull needs only the rest', async () => {
  const { client, server, blobs, ranges, sent, isWhole, pauses } = await filled();
  server.fileFaults.set(path, [{ drop: 3_000_000 }, ...Array.from({ length: 5 }, () => ({ drop: 0 }))]);
  const error = await faultOf(client().pull(repo, selection));
  expect(error.code).toBe('HUB_DROPPED');
  expect(error.message).toMatch(
    /^The connection breaks off \(localhost:\d+: UND_ERR_SOCKET\) for model\.bin of the data set owner\/data, again and again; run it again to go on; the \d+ of 4000000 bytes that have arrived stay\.$/,
  );
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000]);
  expect(await readdir(blobs)).toEqual([`${sha256(content)}.incomplete`]);
  const kept = (await readFile(join(blobs, `${sha256(content)}.incomplete`))).length;
  expect(kept).toBeGreaterThan(2_500_000);
  const before = sent();
  await client().pull(repo, selection);
  expect(startOf(ranges().at(-1))).toBe(kept);
  expect(sent() - before).toBe(content.length - kept);
  expect(await isWhole()).toBe(true);
  expect(await readdir(blobs)).toEqual([sha256(content)]);
});

test('a connection on which nothing comes is dropped and taken up', async () => {
  const { client, server, isWhole, events } = await filled();
  server.fileFaults.set(path, [{ stall: 1_000_000 }]);
  await client({}, { stallMs: 300 }).pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(events.find(({ kind }) => kind === 'retry')).toMatchObject({
    path,
    reason: expect.stringContaining('no data for 0.3 s'),
  });
});

test('a disk that is slower than the connection may be is no drop', async () => {
  const { client, isWhole, ranges } = await filled();
  let writes = 0;
  const slow: OpenPartial = async (file, flags) => {
    const handle = await open(file, flags);
    return {
      async write(chunk, offset, length, position) {
        if (writes++ === 1) await new Promise((done) => setTimeout(done, 700));
        return handle.write(chunk, offset, length, position);
      },
      stat: () => handle.stat(),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  };
  await client({}, { open: slow, stallMs: 300 }).pull(repo, selection);
  expect(writes).toBeGreaterThan(1);
  expect(ranges()).toEqual([undefined]);
  expect(await isWhole()).toBe(true);
});

test('a server that ignores ranges sends the file whole, and nothing is put behind what was there', async () => {
  const { client, server, isWhole, sent } = await filled();
  server.fileFaults.set(path, [{ drop: 1_500_000 }, { ignoreRange: true }]);
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(sent()).toBe(1_500_000 + content.length);
});

test('a content that changed between two attempts is not put behind the old one', async () => {
  const { client, server, isWhole } = await filled();
  server.fileFaults.set(path, [
    { drop: 1_500_000, content: bytes(4_000_000, 7), headers: { etag: '"old"' } },
    { headers: { etag: '"new"' } },
  ]);
  await client().pull(repo, selection);
  const [first, second, ...others] = server.requestsFor(path);
  expect(first!.headers['if-range']).toBeUndefined();
  expect(second!.headers['if-range']).toBe('"old"');
  expect(second!.sent).toBe(content.length);
  expect(others).toEqual([]);
  expect(await isWhole()).toBe(true);
});

test('a partial file of another content is found out by its checksum and fetched anew, once', async () => {
  const { client, server, blobs, isWhole, ranges } = await filled();
  await makeFolders(blobs);
  await writeFile(join(blobs, `${sha256(content)}.incomplete`), bytes(2_000_000, 9));
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(ranges()).toEqual(['bytes=2000000-', undefined]);
  expect(server.requestsFor(path)).toHaveLength(2);
});

test('a partial file that is whole already needs no request; one that is too long is dropped', async () => {
  const { client, blobs, isWhole, ranges } = await filled();
  await makeFolders(blobs);
  await writeFile(join(blobs, `${sha256(content)}.incomplete`), content);
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(ranges()).toEqual([]);

  const other = await filled();
  await makeFolders(other.blobs);
  await writeFile(join(other.blobs, `${sha256(content)}.incomplete`), Buffer.concat([content, content]));
  await other.client().pull(repo, selection);
  expect(await other.isWhole()).toBe(true);
  expect(other.ranges()).toEqual([undefined]);
  expect(other.pauses).toEqual([]);
});

test('416 to a range: the file starts again without one', async () => {
  const { client, server, isWhole, ranges } = await filled();
  server.fileFaults.set(path, [{ drop: 1_500_000 }, { status: 416 }]);
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(ranges()).toHaveLength(3);
  expect(ranges()[2]).toBeUndefined();
});

test('416 to everything ends with a sentence', async () => {
  const { client, server } = await filled();
  server.fileFaults.set(path, [{ status: 416 }, { status: 416 }]);
  const error = await faultOf(client().pull(repo, selection));
  expect(error.code).toBe('HUB_CHECKSUM');
  expect(error.message).toContain('the rest of the file is refused (416)');
});

test('a part other than the one that was asked for is not used', async () => {
  const { client, server, isWhole, ranges } = await filled();
  server.fileFaults.set(path, [
    { drop: 1_500_000 },
    { headers: { 'content-range': `bytes 0-${content.length - 1}/${content.length}` } },
  ]);
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(ranges()[2]).toBeUndefined();
});

test('an answer that ends early without saying so is a drop too', async () => {
  const { client, server, isWhole, ranges } = await filled();
  server.fileFaults.set(path, [{ content: content.subarray(0, 1_000_000), chunked: true }]);
  await client().pull(repo, selection);
  expect(await isWhole()).toBe(true);
  expect(startOf(ranges()[1])).toBe(1_000_000);
});

test('wrong content of the right length: fetched twice, then refused, and nothing is kept', async () => {
  const { client, server, blobs, pauses } = await filled();
  const wrong = bytes(content.length, 3);
  server.fileFaults.set(path, [{ content: wrong }, { content: wrong }]);
  const error = await faultOf(client().pull(repo, selection));
  expect(error.code).toBe('HUB_CHECKSUM');
  expect(error.message).toBe(
    `What ${server.endpoint} sends for model.bin of the data set owner/data is not the file that it ` +
      `lists: model.bin has SHA-256 ${sha256(wrong)}, its listing ${sha256(content)}; try again later, or ` +
      'set HF_ENDPOINT to another hub (wrong bytes are not kept).',
  );
  expect(await readdir(blobs)).toEqual([]);
  expect(pauses).toEqual([0]);
  expect(await client({ offline: true }).cachedFile(repo, commit, path)).toBeUndefined();
});

test.each([
  ['less, announced', { content: content.subarray(0, 100) }, '100 bytes are offered, 4000000 are listed'],
  ['more, announced', { content: bytes(4_000_001) }, '4000001 bytes are offered, 4000000 are listed'],
  [
    'more, unannounced',
    { content: bytes(4_000_001), chunked: true },
    'more than the 4000000 listed bytes came',
  ],
])('a wrong length (%s) is refused', async (_, fault, words) => {
  const { client, server, blobs } = await filled();
  server.fileFaults.set(path, [fault, fault]);
  const error = await faultOf(client().pull(repo, selection));
  expect(error.code).toBe('HUB_LENGTH');
  expect(error.message).toContain(words);
  expect(await readdir(blobs)).toEqual([]);
});

test('a hub that names another content than it listed is refused at once', async () => {
  const { client, server } = await filled(false);
  server.fileFaults.set(path, [{ headers: { etag: `"${'a'.repeat(40)}"` } }]);
  const error = await faultOf(client().pull(repo, selection));
  expect(error.code).toBe('HUB_CHECKSUM');
  expect(error.message).toContain(`it names the content ${'a'.repeat(40)}`);
});

test('one failing file stops the others, which keep what they have', async () => {
  const { client, server, blobs } = await filled();
  server.files.set('bad.md', { content: Buffer.from('x') });
  let go = () => {};
  const gone = new Promise<void>((done) => {
    go = done;
  });
  server.fileFaults.set(path, [{ hold: { bytes: 1_000_000, go: gone } }]);
  server.fileFaults.set('bad.md', [{ status: 500 }, ...Array.from({ length: 5 }, () => ({ status: 500 }))]);
  const sleep = () => new Promise<void>((done) => setTimeout(done, 50));
  const error = await faultOf(client({}, { sleep }).pull(repo, selection));
  go();
  expect(error.code).toBe('HUB_SERVER');
  expect(await readdir(blobs)).toEqual([`${sha256(content)}.incomplete`]);
});

test('a pull that is interrupted keeps what has arrived', async () => {
  const { client, server, blobs, ranges, isWhole } = await filled();
  server.fileFaults.set(path, [{ stall: 1_000_000 }]);
  const controller = new AbortController();
  const pull = client(
    {},
    {
      onProgress: (event) => {
        if (event.kind === 'bytes' && event.fileDone > 700_000) controller.abort(new Error('stopped'));
      },
    },
  ).pull(repo, { ...selection, signal: controller.signal });
  await expect(pull).rejects.toThrow('stopped');
  const kept = (await readFile(join(blobs, `${sha256(content)}.incomplete`))).length;
  expect(kept).toBeGreaterThan(700_000);
  await client().pull(repo, selection);
  expect(startOf(ranges().at(-1))).toBe(kept);
  expect(await isWhole()).toBe(true);
});
