import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Cut, FakeHub } from '../hub/fake-hub.js';
import { bytes } from '../hub/setup.js';
import { repro } from './run.js';

const commit = 'd'.repeat(40);
const id = 'GSAI-ML/LLaDA-8B-Instruct';
const shards = [1, 2].map((n) => `model-0000${n}-of-00002.safetensors`);
const shardBytes = 900_000;

/** A hub with the reference model's texts and two shards of bytes that are no weights, and an empty cache. */
async function filled() {
  const hub = await FakeHub.start();
  onTestFinished(() => hub.stop());
  hub.kind = 'models';
  hub.id = id;
  hub.branches.set('main', commit);
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    hub.files.set(name, { content: await readFile(join('models', 'reference', name)) });
  }
  for (const [i, name] of shards.entries())
    hub.files.set(name, { content: bytes(shardBytes, i + 1), lfs: true });
  const folder = await mkdtemp(join(tmpdir(), 'repro-pull-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = (name: string) => join(folder, name);
  const pull = (name: string, onStart?: Parameters<typeof repro>[1] & object) =>
    repro(['models', 'pull', id], { env: { HF_HOME: home(name), HF_ENDPOINT: hub.endpoint }, ...onStart });
  /** Pulls until so many more bytes of files lie on the disk, and kills. */
  const pullUntil = async (name: string, moreBytes: number) => {
    const target = (await blobBytes(home(name))) + moreBytes;
    const cut = new Cut(moreBytes);
    hub.cut = cut;
    const kill = async (child: ChildProcess) => {
      await cut.reached;
      while ((await blobBytes(home(name))) < target) await setTimeout(5);
      child.kill('SIGKILL');
    };
    const { code } = await pull(name, { onStart: (child) => void kill(child) });
    hub.cut = undefined;
    expect(code).toBe('SIGKILL');
  };
  return { hub, home, pull, pullUntil };
}

/** Bytes of contents in a cache, whole or not. */
async function blobBytes(cacheHome: string): Promise<number> {
  const blobs = join(cacheHome, 'hub', `models--${id.replace('/', '--')}`, 'blobs');
  const names = await readdir(blobs).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(blobs, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}

/** Everything below a folder: digests of files, targets of links. */
async function tree(root: string): Promise<Record<string, string>> {
  const paths = (await readdir(root, { recursive: true })).sort();
  const entries = paths.map(async (path): Promise<[string, string][]> => {
    const at = join(root, path);
    const info = await lstat(at);
    if (info.isDirectory()) return [];
    if (info.isSymbolicLink()) return [[path, `-> ${await readlink(at)}`]];
    return [
      [
        path,
        createHash('sha256')
          .update(await readFile(at))
          .digest('hex'),
      ],
    ];
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}

test('killed again and again at growing points, a pull ends in the same cache, and keeps what had come', async () => {
  const { hub, home, pull, pullUntil } = await filled();
  const whole = await pull('whole');
  // The shards are no weights: what was pulled is looked through, and told to be broken.
  expect(whole.stdout, whole.stderr).toContain(`${id} at ${commit}: 5 files`);
  const expected = await tree(home('whole'));
  expect(Object.keys(expected).filter((path) => path.includes('/snapshots/'))).toHaveLength(5);
  expect(Object.values(expected)).toContain(createHash('sha256').update(commit).digest('hex'));
  hub.seen.length = 0;
  for (const sentBytes of [0, 3_000, 700_000, 65_536, 800_000]) {
    await pullUntil('killed', sentBytes);
    const left = Object.keys(await tree(home('killed')));
    expect(left.filter((path) => path.includes('/refs/'))).toEqual([]);
  }
  const again = await pull('killed');
  expect(again.stdout).toBe(whole.stdout.replaceAll(home('whole'), home('killed')));
  expect(await tree(home('killed'))).toEqual(expected);
  // Nothing came twice.
  const sent = shards.flatMap((name) => hub.requestsFor(name)).map((seen) => seen.sent);
  expect(sent.reduce((a, b) => a + b, 0)).toBe(shards.length * shardBytes);
});

test('two pulls at once, after one that was killed, end in the same cache', async () => {
  const { home, pull, pullUntil } = await filled();
  await pull('whole');
  await pullUntil('shared', 1_000_000);
  const both = await Promise.all([pull('shared'), pull('shared')]);
  for (const { stdout, stderr } of both) expect(stdout, stderr).toContain('5 files');
  expect(await tree(home('shared'))).toEqual(await tree(home('whole')));
});
