import { expect, test } from 'vitest';
import { type HubRepo, hubRepo } from '../../src/hub/repo.js';
import type { Fault } from './fake-hub.js';
import { all, bench, bytes, commit, faultOf, repo, temporaryFolder } from './setup.js';

const content = bytes(1000);
const main = { revision: 'main', select: all };

async function filled() {
  const it = await bench();
  it.server.files.set('a.csv', { content });
  it.server.files.set('b.bin', { content, lfs: true });
  return it;
}

test.each([
  true,
  false,
])('a gated data set without a token (hub names its errors: %s)', async (namesErrors) => {
  const { client, server } = await filled();
  Object.assign(server, { gatedBy: 'hf_right', namesErrors });
  const error = await faultOf(client().pull(repo, main));
  expect(error.code).toBe(namesErrors ? 'HUB_GATED' : 'HUB_NO_REPO');
  expect(error.message).toContain(
    `accept its terms at ${server.endpoint}/datasets/owner/data and set HF_TOKEN`,
  );
});

test.each([
  true,
  false,
])('a gated data set whose terms are not accepted (hub names its errors: %s)', async (namesErrors) => {
  const { client, server } = await filled();
  Object.assign(server, { gatedBy: 'hf_right', namesErrors });
  const error = await faultOf(client({ token: 'hf_other' }).pull(repo, main));
  expect(error.code).toBe(namesErrors ? 'HUB_GATED' : 'HUB_FORBIDDEN');
  expect(error.message).toContain(`${server.endpoint}/datasets/owner/data`);
  expect(error.message).toContain('HF_TOKEN');
  expect(error.message).not.toContain('hf_other');
});

test('a gated data set with the right token', async () => {
  const { client, server } = await filled();
  server.gatedBy = 'hf_right';
  expect((await client({ token: 'hf_right' }).pull(repo, main)).files).toHaveLength(2);
});

test('the sentences for a gated data set, in full', async () => {
  const { client, server } = await filled();
  server.gatedBy = 'hf_right';
  expect((await faultOf(client().pull(repo, main))).message).toBe(
    `The data set owner/data is gated; accept its terms at ${server.endpoint}/datasets/owner/data and ` +
      `set HF_TOKEN to a token from ${server.endpoint}/settings/tokens.`,
  );
  expect((await faultOf(client({ token: 'x' }).pull(repo, main))).message).toBe(
    `The data set owner/data is gated; accept its terms at ${server.endpoint}/datasets/owner/data with ` +
      'the account whose token HF_TOKEN holds.',
  );
});

test('a token that the hub does not know', async () => {
  const { client, server } = await filled();
  server.apiFaults.push({
    status: 401,
    headers: { 'x-error-message': 'Invalid credentials in Authorization header' },
  });
  const error = await faultOf(client({ token: 'hf_old' }).pull(repo, main));
  expect(error.code).toBe('HUB_TOKEN');
  expect(error.message).toContain(`does not accept the token (401)`);
  expect(error.message).toContain(`${server.endpoint}/settings/tokens and set HF_TOKEN`);
  expect(error.message).not.toContain('hf_old');
});

test.each([
  true,
  false,
])('repository, revision and file that are missing (hub names its errors: %s)', async (namesErrors) => {
  const { client, server } = await filled();
  server.namesErrors = namesErrors;
  const other: HubRepo = hubRepo('dataset', 'owner/other');
  const noRepo = await faultOf(client().pull(other, main));
  expect(noRepo.code).toBe('HUB_NO_REPO');
  expect(noRepo.message).toContain(`There is no data set owner/other at ${server.endpoint}`);
  const noRevision = await faultOf(client().pull(repo, { ...main, revision: 'v2' }));
  expect(noRevision.code).toBe('HUB_NO_REVISION');
  expect(noRevision.message).toBe(
    'The data set owner/data has no revision "v2"; see its branches and tags at ' +
      `${server.endpoint}/datasets/owner/data/tree/main.`,
  );
  const noCommit = await faultOf(client().pull(repo, { ...main, revision: 'f'.repeat(40) }));
  expect(noCommit.code).toBe('HUB_NO_REVISION');
  const noFile = await faultOf(client().pull(repo, { ...main, select: ['a.cvs'] }));
  expect(noFile.code).toBe('HUB_NO_FILE');
  expect(noFile.message).toBe('The data set owner/data has no file a.cvs at "main". Did you mean "a.csv"?');
});

test('a file that is listed but not there', async () => {
  const { client, server } = await filled();
  server.fileFaults.set('a.csv', [{ status: 404 }]);
  const error = await faultOf(client().pull(repo, main));
  expect(error.code).toBe('HUB_NO_FILE');
  expect(error.message).toContain('has no file a.csv');
});

test('a hub that cannot be reached: the address, HF_ENDPOINT, local files; and what is in the cache', async () => {
  const { client, server, pauses } = await filled();
  await client().pull(repo, { ...main, select: ['a.csv'] });
  await server.stop();
  const model = await faultOf(client().pull(hubRepo('model', 'a/b'), main));
  expect(model.code).toBe('HUB_UNREACHABLE');
  expect(model.message).toMatch(
    /^The hub at http:\/\/127\.0\.0\.1:\d+ cannot be reached \(127\.0\.0\.1:\d+: ECONNREFUSED\) for the model a\/b at "main"; check the network, set HF_ENDPOINT to a mirror that you can reach, or name the folder of a model that you have already\.$/,
  );
  // One more try only: somebody without a network should not wait half a minute for this.
  expect(pauses).toEqual([1000]);
  const known = await faultOf(client().pull(repo, main));
  expect(known.message).toContain('use files that you have already (--data DIR)');
  expect(known.message).toContain(`or set HF_HUB_OFFLINE=1 to take commit ${commit}, which is in the cache.`);
});

test('429: waits as long as it is asked to, in seconds or until a date', async () => {
  const { client, server, pauses } = await filled();
  server.apiFaults.push(
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 503 },
    {
      status: 429,
      headers: { date: 'Tue, 01 Jan 2030 00:00:00 GMT', 'retry-after': 'Tue, 01 Jan 2030 00:00:12 GMT' },
    },
  );
  server.fileFaults.set('a.csv', [{ status: 429, headers: { 'retry-after': '3' } }]);
  await client().pull(repo, main);
  expect(pauses).toEqual([7000, 2000, 12_000, 3000]);
});

test('429 for longer than anybody waits ends at once', async () => {
  const { client, server, pauses } = await filled();
  server.apiFaults.push({ status: 429, headers: { 'retry-after': '3600' } });
  const error = await faultOf(client().pull(repo, main));
  expect(error.code).toBe('HUB_BUSY');
  expect(error.message).toMatch(
    /^Too many requests \(127\.0\.0\.1:\d+ answers 429\) for the data set owner\/data at "main"; wait 3600 s and run it again, or set HF_TOKEN: with a token the limit is higher\.$/,
  );
  expect(pauses).toEqual([]);
});

test.each([
  500, 502, 503, 504, 408,
])('%i: six tries with longer and longer pauses, then a sentence', async (status) => {
  const { client, server, pauses } = await filled();
  server.fileFaults.set(
    'a.csv',
    Array.from({ length: 6 }, (): Fault => ({ status })),
  );
  const error = await faultOf(client().pull(repo, { ...main, select: ['a.csv'] }));
  expect(error.code).toBe('HUB_SERVER');
  expect(error.message).toMatch(
    new RegExp(
      `^The hub fails \\(127\\.0\\.0\\.1:\\d+ answers ${status}\\) for a\\.csv of the data set ` +
        'owner/data, again',
    ),
  );
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000]);
});

test('other answers are named; what the server says cannot colour the terminal', async () => {
  const { client, server } = await filled();
  server.apiFaults.push({ status: 451, headers: { 'x-error-message': 'not\x09here' } });
  const error = await faultOf(client().pull(repo, main));
  expect(error.code).toBe('HUB_STATUS');
  expect(error.message).toMatch(
    /^127\.0\.0\.1:\d+ answers 451 \(not here\) when asked for the data set owner\/data at "main";/,
  );
});

test.each([
  ['a page for signing in', Buffer.from('<html>sign in</html>'), 'is not JSON'],
  ['another object', Buffer.from('{"sha": "main"}'), 'names no commit'],
  ['a list', Buffer.from('[]'), 'names no commit'],
])('an API that answers with %s', async (_, answer, words) => {
  const { client, server } = await filled();
  server.apiFaults.push({ content: answer });
  const error = await faultOf(client().pull(repo, main));
  expect(error.code).toBe('HUB_ANSWER');
  expect(error.message).toContain(words);
  expect(error.message).toContain('HF_ENDPOINT');
});

const entry = { type: 'file', path: 'a', size: 1, oid: 'a'.repeat(40) };
test.each([
  [{ ...entry, path: '../../../etc/passwd' }],
  [{ ...entry, path: '/etc/passwd' }],
  [{ ...entry, path: 'a\\..\\b' }],
  [{ ...entry, oid: '../../x' }],
  [{ ...entry, lfs: { oid: '../x', size: 1 } }],
  [{ ...entry, size: -1 }],
  [{ ...entry, size: 'x' }],
  ['text'],
])('a listing that holds %j is refused, and nothing is written', async (bad) => {
  const { client, server } = await filled();
  const cacheFolder = await temporaryFolder();
  server.apiFaults.push({}, { content: Buffer.from(JSON.stringify([entry, bad])) });
  const error = await faultOf(client({ cacheFolder }).pull(repo, main));
  expect(error.code).toBe('HUB_ANSWER');
  expect(await client({ cacheFolder, offline: true }).cachedFile(repo, commit, 'a')).toBeUndefined();
});
