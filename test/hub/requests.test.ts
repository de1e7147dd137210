import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HubHttp } from '../../src/hub/http.js';
import { nextPage } from '../../src/hub/listing.js';
import { retryAfterMs } from '../../src/hub/transient.js';
import { all, bench, bytes, commit, faultOf, repo } from './setup.js';

test('the token goes to the hub alone, not to the storage to which it redirects', async () => {
  const { client, server } = await bench();
  server.gatedBy = 'hf_secret';
  server.files.set('model.bin', { content: bytes(1000), lfs: true });
  server.fileFaults.set('model.bin', [{ drop: 300 }]);
  await client({ token: 'hf_secret' }).pull(repo, { revision: 'main', select: all });
  const tokens = server.seen.map(({ origin, headers }) => [origin, headers.authorization]);
  expect(tokens.filter(([origin]) => origin === 'storage')).toEqual([
    ['storage', undefined],
    ['storage', undefined],
  ]);
  expect(new Set(tokens.filter(([origin]) => origin === 'hub').map(([, token]) => token))).toEqual(
    new Set(['Bearer hf_secret']),
  );
});

test('nor does it come back once a redirect has left the hub; endless redirects end', async () => {
  const seen: string[] = [];
  const servers = [0, 1].map(() =>
    createServer((request, response) => {
      const at = (request.socket.address() as AddressInfo).port;
      seen.push(`${ports.indexOf(at)}${request.url} ${request.headers.authorization ?? '-'}`);
      if (request.url === '/end') return response.end('end');
      const [to, where] =
        request.url === '/start' ? [1, '/over'] : request.url === '/over' ? [0, '/end'] : [0, '/loop'];
      return response.writeHead(307, { location: `http://127.0.0.1:${ports[to]}${where}` }).end();
    }),
  );
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const http = new HubHttp(
    { endpoint, token: 't', cacheFolder: '/none', offline: false },
    { fetch: globalThis.fetch, stallMs: 1000 },
  );
  expect(await (await http.get(`${endpoint}/start`)).text()).toBe('end');
  expect(seen).toEqual(['0/start Bearer t', '1/over -', '0/end -']);
  await expect(http.get(`${endpoint}/loop`)).rejects.toThrow('redirects without end');
  for (const server of servers) server.closeAllConnections();
});

test('packed answers are not asked for', async () => {
  const { client, server } = await bench();
  server.files.set('a', { content: bytes(10) });
  await client().pull(repo, { revision: 'main', select: all });
  expect(server.seen.map(({ headers }) => headers['accept-encoding'])).toEqual([
    'identity',
    'identity',
    'identity',
  ]);
});

test('a listing of several pages is read to its end', async () => {
  const { client, server } = await bench();
  server.pageSize = 7;
  const paths = Array.from({ length: 40 }, (_, i) => `folder/${String(i).padStart(2, '0')}.txt`);
  for (const path of paths) server.files.set(path, { content: Buffer.from(path) });
  const listed = await client().list(repo, commit);
  expect(listed.map(({ path }) => path)).toEqual(paths);
  expect(server.seen.map(({ url }) => url)).toEqual(
    ['', '&cursor=7', '&cursor=14', '&cursor=21', '&cursor=28', '&cursor=35'].map(
      (cursor) => `/api/datasets/owner/data/tree/${commit}?recursive=true${cursor}`,
    ),
  );
});

test('a page in the middle that fails is asked for again; pages in a circle end', async () => {
  const { client, server, pauses } = await bench();
  server.pageSize = 2;
  for (const path of ['a', 'b', 'c', 'd']) server.files.set(path, { content: Buffer.from(path) });
  server.apiFaults.push({}, { drop: 0 });
  expect(await client().list(repo, commit)).toHaveLength(4);
  expect(pauses).toEqual([1000]);
  const other = await bench();
  other.server.files.set('a', { content: Buffer.from('a') });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    return new Response(await response.text(), { headers: { link: `<${input}>; rel="next"` } });
  };
  const error = await faultOf(other.client({}, { fetch }).list(repo, commit));
  expect(error.message).toContain('has pages without end');
});

test.each([
  [null, undefined],
  ['<https://h/x?cursor=b>; rel="next"', 'https://h/x?cursor=b'],
  ['<https://h/1>; rel="first", <https://h/2>; rel="next"', 'https://h/2'],
  ['<https://h/a,b;c>; title="x"; rel=next', 'https://h/a,b;c'],
  ['</x?cursor=c>; rel="prev next"', 'https://h/x?cursor=c'],
  ['<https://h/1>; rel="last"', undefined],
  ['<https://h/1>; rel="nextish"', undefined],
])('the next page of the Link header %j is %s', (link, next) => {
  expect(nextPage(link, 'https://h/x')).toBe(next);
});

test.each([
  [{ 'retry-after': '5' }, 5000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ ratelimit: '"api";r=0;t=55' }, 55_000],
  [{ ratelimit: '"api";r=12;t=55' }, undefined],
  [{}, undefined],
  [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:09 GMT', date: 'Tue, 01 Jan 2030 00:00:00 GMT' }, 9000],
  [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:00 GMT', date: 'Tue, 01 Jan 2030 00:00:09 GMT' }, 0],
  [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:00 GMT' }, undefined],
])('the pause that %j asks for is %s ms', (headers, ms) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(ms);
});

test('files come several at once, as many as allowed', async () => {
  const { client, server } = await bench();
  let now = 0;
  let most = 0;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const isFile = String(input).includes('/resolve/');
    if (isFile) most = Math.max(most, ++now);
    await new Promise((done) => setTimeout(done, 20));
    try {
      return await globalThis.fetch(input, init);
    } finally {
      if (isFile) now--;
    }
  };
  for (let i = 0; i < 9; i++) server.files.set(`f${i}`, { content: bytes(100, i) });
  await client({}, { fetch }).pull(repo, { revision: 'main', select: all, concurrency: 3 });
  expect(most).toBe(3);
});

test('one revision stays one commit while the hub is open', async () => {
  const { client, server } = await bench();
  const hub = client();
  expect(await hub.resolve(repo, 'main')).toBe(commit);
  server.branches.set('main', 'd'.repeat(40));
  expect(await hub.resolve(repo, 'main')).toBe(commit);
  expect(await client().resolve(repo, 'main')).toBe('d'.repeat(40));
  expect(await hub.resolve(repo, commit)).toBe(commit);
});
