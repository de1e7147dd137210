import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { fileAddress, hubRepo, repoFolder, staysInside } from '../../src/hub/repo.js';
import { type Environment, hubSettings } from '../../src/hub/settings.js';
import { bench, faultOf, repo, temporaryFolder } from './setup.js';

const from = (environment: Environment, home = '/home/a') => hubSettings(environment, home);
const fault = (call: () => unknown) => faultOf(Promise.resolve().then(call));

test('without any variable: the public hub, no token, the folder of Python, online', () => {
  expect(from({})).toEqual({
    endpoint: 'https://huggingface.co',
    token: undefined,
    cacheFolder: '/home/a/.cache/huggingface/hub',
    offline: false,
  });
});

test.each<[Environment, string]>([
  [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
  [{ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }, '/h/hub'],
  [{ HF_HOME: '~/h' }, '/home/a/h/hub'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form of a shell
  [{ HF_HOME: '$SCRATCH/${SUB}/$NONE', SCRATCH: '/s', SUB: 'hf' }, '/s/hf/$NONE/hub'],
  [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
  [{ HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/new' }, '/new'],
  [{ HF_HUB_CACHE: '', HF_HOME: '' }, '/home/a/.cache/huggingface/hub'],
])('the cache folder of %j is %s', (environment, folder) => {
  expect(from(environment).cacheFolder).toBe(folder);
});

test.each([
  ['1', true],
  ['true', true],
  ['YES', true],
  ['On', true],
  ['0', false],
  ['', false],
  ['no', false],
])('HF_HUB_OFFLINE=%s means offline: %s', (HF_HUB_OFFLINE, offline) => {
  expect(from({ HF_HUB_OFFLINE }).offline).toBe(offline);
});

test('a proxy that Node does not heed is named when the hub cannot be reached', async () => {
  const { client, server } = await bench();
  const settings = from({ HTTP_PROXY: 'http://proxy', HF_ENDPOINT: server.endpoint });
  expect(settings.unusedProxy).toBe('HTTP_PROXY');
  expect(from({ HTTP_PROXY: 'http://proxy' }).unusedProxy).toBeUndefined();
  expect(from({ https_proxy: 'http://proxy' }).unusedProxy).toBe('https_proxy');
  expect(from({ https_proxy: 'http://proxy', NODE_USE_ENV_PROXY: '1' }).unusedProxy).toBeUndefined();
  await server.stop();
  const error = await faultOf(client({ unusedProxy: 'HTTP_PROXY' }).resolve(repo, 'main'));
  expect(error.message).toContain(
    '(Node uses HTTP_PROXY from version 22.21 on and with NODE_USE_ENV_PROXY=1 only)',
  );
});

test('an endpoint may have a path and a slash at its end', () => {
  expect(from({ HF_ENDPOINT: 'http://mirror:8080/api/hf/' }).endpoint).toBe('http://mirror:8080/api/hf');
});

test.each([
  ['hf-mirror.com', 'HF_ENDPOINT is "hf-mirror.com", which is not the http(s) address of a hub'],
  ['file:///x', 'which is not the http(s) address of a hub'],
  ['https://x/?a=1', 'which is not the http(s) address of a hub'],
  ['https://user:secret@x', 'HF_ENDPOINT holds a user name or password, which belongs in HF_TOKEN'],
])('the endpoint %s is refused, without showing a password', async (HF_ENDPOINT, words) => {
  const error = await fault(() => from({ HF_ENDPOINT }));
  expect(error.code).toBe('HUB_ENDPOINT');
  expect(error.message).toContain(words);
  expect(error.message).not.toContain('secret');
});

test('the token: the variable, else the file that HF_TOKEN_PATH names, else that of HF_HOME', async () => {
  const home = await temporaryFolder();
  await writeFile(join(home, 'token'), 'hf_home\n');
  await writeFile(join(home, 'other'), ' hf_other ');
  expect(from({ HF_HOME: home }).token).toBe('hf_home');
  expect(from({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'other') }).token).toBe('hf_other');
  expect(from({ HF_HOME: home, HF_TOKEN: 'hf_variable\n' }).token).toBe('hf_variable');
  expect(from({ HF_HOME: home, HUGGING_FACE_HUB_TOKEN: 'hf_old' }).token).toBe('hf_old');
  expect(from({ HF_HOME: home, HF_TOKEN: '' }).token).toBe('hf_home');
  expect(from({ HF_HOME: join(home, 'none') }).token).toBeUndefined();
});

test('a token that cannot be one is refused without showing it; so is a token file that is a folder', async () => {
  const error = await fault(() => from({ HF_TOKEN: 'hf_sec ret' }));
  expect(error.code).toBe('HUB_TOKEN');
  expect(error.message).toContain('https://huggingface.co/settings/tokens');
  expect(error.message).not.toContain('sec ret');
  const home = await temporaryFolder();
  await mkdir(join(home, 'token'));
  const folder = await fault(() => from({ HF_HOME: home }));
  expect(folder.message).toBe(
    `The token file ${join(home, 'token')} cannot be read (EISDIR); mend its rights, or set HF_TOKEN.`,
  );
});

test('ids become addresses and the folder names of Python', () => {
  const gsm8k = hubRepo('dataset', 'openai/gsm8k');
  expect(repoFolder(gsm8k)).toBe('datasets--openai--gsm8k');
  expect(repoFolder(hubRepo('model', 'gpt2'))).toBe('models--gpt2');
  expect(fileAddress('https://h', gsm8k, 'abc', 'main/a b#1?.parquet')).toBe(
    'https://h/datasets/openai/gsm8k/resolve/abc/main/a%20b%231%3F.parquet',
  );
  expect(fileAddress('https://h', hubRepo('model', 'GSAI-ML/LLaDA-8B-Base'), 'abc', 'config.json')).toBe(
    'https://h/GSAI-ML/LLaDA-8B-Base/resolve/abc/config.json',
  );
});

test.each([
  '',
  '/',
  'a/b/c',
  '../x',
  'a/..',
  '/etc',
  'a\\b',
  'https://huggingface.co/a/b',
  'a b',
  'a/b--c',
  '.a/b',
  'a/b.',
  'x'.repeat(97),
  'a/b\n',
])('the id %j is refused', async (id) => {
  const error = await fault(() => hubRepo('model', id));
  expect(error.code).toBe('HUB_ID');
  expect(error.message).toContain('OWNER/NAME');
});

test.each([
  '..',
  '../main',
  '/main',
  'a//b',
  'a b',
  'main~1',
  '',
  'a\\b',
  'a..b',
  'C:x',
])('the revision %j is refused before anything is asked or written', async (revision) => {
  const { client, server } = await bench();
  const error = await faultOf(client().pull(repo, { revision, select: () => true }));
  expect(error).toBeInstanceOf(UsageError);
  expect(error.code).toBe('HUB_REVISION');
  expect(server.seen).toEqual([]);
});

test('paths that would leave the folder are known', () => {
  for (const path of ['a', 'a/b.c', 'a/..b', '...']) expect(staysInside(path), path).toBe(true);
  for (const path of ['..', 'a/../b', '/a', 'a/', './a', 'a\\b', 'c:/x', 'a\0', '']) {
    expect(staysInside(path), path).toBe(false);
  }
});

test('a cache folder that cannot be written to names HF_HUB_CACHE', async () => {
  const { client, server, cacheFolder } = await bench();
  server.files.set('a.md', { content: Buffer.from('a') });
  const file = join(cacheFolder, 'file');
  await writeFile(file, '');
  const error = await faultOf(
    client({ cacheFolder: join(file, 'hub') }).pull(repo, { revision: 'main', select: () => true }),
  );
  expect(error.code).toBe('HUB_CACHE');
  expect(error.message).toMatch(/cannot be used \(E\w+, \w+\); mend it, or set HF_HUB_CACHE to a folder/);
});

test.skipIf(process.getuid?.() === 0)('a cache that may only be read is used for what it holds', async () => {
  const { client, server, cacheFolder } = await bench();
  server.files.set('a.md', { content: Buffer.from('a') });
  const options = { revision: 'main', select: () => true };
  const first = await client().pull(repo, options);
  const folders = [
    cacheFolder,
    ...['', 'refs', 'blobs', 'trees'].map((name) => join(cacheFolder, 'datasets--owner--data', name)),
  ];
  for (const folder of folders) await chmod(folder, 0o555);
  try {
    expect(await client().pull(repo, options)).toEqual(first);
  } finally {
    for (const folder of folders) await chmod(folder, 0o755);
  }
});
