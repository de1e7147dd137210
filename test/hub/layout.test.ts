import { lstat, mkdir, readdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { gitBlob, sha256 } from './fake-hub.js';
import { all, bench, bytes, commit, faultOf, repo } from './setup.js';

const large = bytes(300_000);
const small = Buffer.from('{"a": 1}\n');

async function filled() {
  const it = await bench();
  it.server.files.set('data/train.parquet', { content: large, lfs: true });
  it.server.files.set('README.md', { content: small });
  it.server.files.set('empty.txt', { content: Buffer.alloc(0) });
  it.server.files.set('deep/er/copy of it.md', { content: small });
  return { ...it, folder: join(it.cacheFolder, 'datasets--owner--data') };
}

test('files lie as Python lays them: blobs by checksum, relative links, a ref without a newline', async () => {
  const { client, folder } = await filled();
  const pulled = await client().pull(repo, { revision: 'main', select: all });

  expect(pulled.commit).toBe(commit);
  expect(pulled.folder).toBe(join(folder, 'snapshots', commit));
  const at = (path: string, content: Buffer) => ({
    path,
    localPath: join(pulled.folder, path),
    bytes: content.length,
    sha256: sha256(content),
  });
  expect(pulled.files).toEqual([
    at('README.md', small),
    at('data/train.parquet', large),
    at('deep/er/copy of it.md', small),
    at('empty.txt', Buffer.alloc(0)),
  ]);
  expect((await readdir(join(folder, 'blobs'))).sort()).toEqual(
    [sha256(large), gitBlob(small), gitBlob(Buffer.alloc(0))].sort(),
  );
  expect(await readFile(join(folder, 'refs', 'main'), 'utf8')).toBe(commit);
  expect(await readlink(join(pulled.folder, 'deep/er/copy of it.md'))).toBe(
    `../../../../blobs/${gitBlob(small)}`,
  );
  expect(await realpath(join(pulled.folder, 'data/train.parquet'))).toBe(
    join(await realpath(folder), 'blobs', sha256(large)),
  );
  expect(large.equals(await readFile(pulled.files[1]!.localPath))).toBe(true);
});

test('the stored listing has the form that huggingface_hub 2 reads', async () => {
  const { client, folder } = await filled();
  await client().list(repo, 'main');
  const tree = JSON.parse(await readFile(join(folder, 'trees', `${commit}.json`), 'utf8'));
  expect(tree.format_version).toBe(1);
  expect(Object.keys(tree.files)).toEqual([
    'README.md',
    'data/train.parquet',
    'deep/er/copy of it.md',
    'empty.txt',
  ]);
  expect(tree.files['README.md']).toEqual({ size: small.length, blob_id: gitBlob(small) });
  expect(tree.files['data/train.parquet']).toMatchObject({
    size: 300_000,
    lfs_sha256: sha256(large),
    lfs_size: 300_000,
  });
});

test('what is there is not asked for again: no request for a commit, one for a branch', async () => {
  const { client, server, events } = await filled();
  const first = await client().pull(repo, { revision: 'main', select: all });
  server.seen.length = 0;
  events.length = 0;
  expect(await client().pull(repo, { revision: commit, select: all })).toEqual(first);
  expect(server.seen).toEqual([]);
  expect(
    events.filter(({ kind }) => kind === 'file').every((event) => 'wasCached' in event && event.wasCached),
  ).toBe(true);
  await client().pull(repo, { revision: 'main', select: all });
  expect(server.seen.map(({ url }) => url)).toEqual(['/api/datasets/owner/data/revision/main']);
});

test('offline, the ref of the last pull says the commit', async () => {
  const { client, server } = await filled();
  const first = await client().pull(repo, { revision: 'main', select: ['README.md'] });
  await server.stop();
  const hub = client({ offline: true });
  expect(await hub.pull(repo, { revision: 'main', select: ['README.md'] })).toEqual(first);
  expect(await hub.cachedFile(repo, 'main', 'README.md')).toBe(first.files[0]!.localPath);
  expect(await hub.cachedFile(repo, 'main', 'empty.txt')).toBeUndefined();
  expect(await hub.cachedFile(repo, 'other', 'README.md')).toBeUndefined();
});

test('offline without the files: the variable is named, and what is missing', async () => {
  const { client, cacheFolder } = await filled();
  const hub = client({ offline: true });
  const noRevision = await faultOf(hub.pull(repo, { revision: 'main', select: all }));
  expect(noRevision.code).toBe('HUB_OFFLINE');
  expect(noRevision.message).toBe(
    `HF_HUB_OFFLINE is set and the cache ${cacheFolder} holds no revision "main" of the data set ` +
      'owner/data; unset HF_HUB_OFFLINE to download, or use files that you have already (--data DIR).',
  );
  await client().pull(repo, { revision: 'main', select: ['README.md'] });
  const noFile = await faultOf(client({ offline: true }).pull(repo, { revision: commit, select: all }));
  expect(noFile.code).toBe('HUB_OFFLINE');
  expect(noFile.message).toContain('does not hold data/train.parquet of the data set owner/data whole');
});

test('offline, a cache that an older Python filled is read without a stored listing', async () => {
  const { client, folder } = await filled();
  await client().pull(repo, { revision: 'main', select: ['README.md', 'data/train.parquet'] });
  await rm(join(folder, 'trees'), { recursive: true });
  const hub = client({ offline: true });
  const pulled = await hub.pull(repo, { revision: 'main', select: all });
  expect(pulled.files.map(({ path, sha256: sum }) => [path, sum])).toEqual([
    ['README.md', sha256(small)],
    ['data/train.parquet', sha256(large)],
  ]);
  expect((await faultOf(hub.pull(repo, { revision: 'main', select: ['other.md'] }))).code).toBe(
    'HUB_OFFLINE',
  );
});

test('the ref moves only after the files are there', async () => {
  const { client, server, folder } = await filled();
  await client().pull(repo, { revision: 'main', select: all });
  server.branches.set('main', 'd'.repeat(40));
  server.files.set('new.md', { content: Buffer.from('new') });
  server.fileFaults.set('new.md', [{ status: 403 }]);
  await faultOf(client().pull(repo, { revision: 'main', select: all }));
  expect(await readFile(join(folder, 'refs', 'main'), 'utf8')).toBe(commit);
  await client().pull(repo, { revision: 'main', select: all });
  expect(await readFile(join(folder, 'refs', 'main'), 'utf8')).toBe('d'.repeat(40));
});

test('a revision with a slash becomes a folder of refs/, and is one part of the address', async () => {
  const { client, server, folder } = await filled();
  server.branches.set('refs/pr/1', 'e'.repeat(40));
  await client().pull(repo, { revision: 'refs/pr/1', select: ['README.md'] });
  expect(server.seen[0]!.url).toBe('/api/datasets/owner/data/revision/refs%2Fpr%2F1');
  expect(await readFile(join(folder, 'refs', 'refs', 'pr', '1'), 'utf8')).toBe('e'.repeat(40));
});

test('a damaged file of the cache is fetched anew: short ones always, altered ones by verify', async () => {
  const { client, server, folder } = await filled();
  await client().pull(repo, { revision: 'main', select: all });
  const blob = join(folder, 'blobs', sha256(large));
  await writeFile(blob, large.subarray(0, 1000));
  await client().pull(repo, { revision: commit, select: all });
  expect(large.equals(await readFile(blob))).toBe(true);

  const altered = Buffer.from(large);
  altered[200_000]! ^= 1;
  await writeFile(blob, altered);
  server.seen.length = 0;
  await client().pull(repo, { revision: commit, select: all });
  expect(server.seen).toEqual([]);
  const offline = client({ offline: true });
  expect((await faultOf(offline.pull(repo, { revision: commit, select: all, verify: true }))).code).toBe(
    'HUB_OFFLINE',
  );
  await client().pull(repo, { revision: commit, select: all, verify: true });
  expect(large.equals(await readFile(blob))).toBe(true);
});

test('a plain file in the place of a link is replaced, and a stored listing that is damaged is not used', async () => {
  const { client, server, folder } = await filled();
  const path = join(folder, 'snapshots', commit, 'README.md');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'short');
  await mkdir(join(folder, 'trees'));
  await writeFile(
    join(folder, 'trees', `${commit}.json`),
    '{"format_version": 1, "files": {"../../x": {"size": 1',
  );
  await client().pull(repo, { revision: commit, select: ['README.md'] });
  expect(await readFile(path)).toEqual(small);
  expect(server.seen.some(({ url }) => url.includes('/tree/'))).toBe(true);
  expect((await stat(path)).isFile()).toBe(true);
});

test('where there are no symbolic links the files are copies, and a copy that is damaged is made anew', async () => {
  const { client, server, folder } = await filled();
  const makeLink = () =>
    Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'symlink' }));
  const pulled = await client({}, { makeLink }).pull(repo, { revision: commit, select: all });
  for (const { localPath, sha256: sum } of pulled.files) {
    expect((await lstat(localPath)).isFile()).toBe(true);
    expect(sha256(await readFile(localPath))).toBe(sum);
  }
  expect(
    (await readdir(pulled.folder, { recursive: true })).filter((name) => name.endsWith('.partial')),
  ).toEqual([]);
  server.seen.length = 0;
  await writeFile(join(pulled.folder, 'README.md'), '{"a": 2}\n');
  expect(await client({}, { makeLink }).pull(repo, { revision: commit, select: all })).toEqual(pulled);
  expect(await readFile(join(pulled.folder, 'README.md'))).toEqual(small);
  expect(server.seen).toEqual([]);
  expect(await readdir(join(folder, 'blobs'))).toHaveLength(3);
});
