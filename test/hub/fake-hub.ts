import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Misbehaviour of one answer to a request for a file. `drop`: the connection breaks after so many bytes of
 * the body. `stall`: nothing more comes after them. Without an entry the answer is as it should be.
 */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly drop?: number;
  readonly stall?: number;
  readonly ignoreRange?: boolean;
  /** Sent instead of the content (with its length, unless `headers` gives another). */
  readonly content?: Buffer;
  /** Without Content-Length. */
  readonly chunked?: boolean;
  /** Sends this many bytes and then waits until `go` resolves. */
  readonly hold?: { readonly bytes: number; readonly go: Promise<unknown> };
}

export interface FakeFile {
  readonly content: Buffer;
  /** Kept in LFS: listed with its SHA-256 and sent by the other origin. */
  readonly lfs?: boolean;
}

export interface Seen {
  readonly origin: 'hub' | 'storage';
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Bytes of the body that were handed to the socket. */
  sent: number;
}

export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
export const gitBlob = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

/** Stops the content of all files together after so many bytes, and tells it once. */
export class Cut {
  readonly reached: Promise<void>;
  #left: number;
  #tell = () => {};

  constructor(bytes: number) {
    this.#left = bytes;
    this.reached = new Promise((tell) => {
      this.#tell = tell;
    });
  }

  /** As much of a part as may still be sent. */
  take(part: Buffer): Buffer {
    const taken = part.subarray(0, this.#left);
    this.#left -= taken.length;
    return taken;
  }

  /** To be called when what was taken has been sent. @returns whether nothing more may follow */
  isOver(): boolean {
    if (this.#left > 0) return false;
    this.#tell();
    return true;
  }
}

/**
 * A Hugging Face hub on the loopback with one data set, and a storage on another origin for its LFS files.
 */
export class FakeHub {
  readonly seen: Seen[] = [];
  readonly files = new Map<string, FakeFile>();
  readonly branches = new Map<string, string>();
  /** Answers of the API to come, before the right ones; and for files by path. */
  readonly apiFaults: Fault[] = [];
  readonly fileFaults = new Map<string, Fault[]>();
  id = 'owner/data';
  kind: 'datasets' | 'models' = 'datasets';
  pageSize = 1000;
  /** The token that reads; without it the data set is open. */
  gatedBy: string | undefined;
  /** Whether errors carry X-Error-Code, as the real hub's do. */
  namesErrors = true;
  /** Holds for all answers until it is taken away. */
  cut: Cut | undefined;
  endpoint = '';
  storage = '';
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = createServer((request, response) => this.#answer('hub', request, response));
    this.#storage = createServer((request, response) => this.#answer('storage', request, response));
  }

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub();
    hub.endpoint = await listen(hub.#hub);
    // Another host, too: Python follows redirects within one host as if they stayed on the hub.
    hub.storage = (await listen(hub.#storage)).replace('127.0.0.1', 'localhost');
    return hub;
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      if (!server.listening) continue;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
  }

  /** Requests for the content of a file, those that were redirected once. */
  requestsFor(path: string): Seen[] {
    const isLarge = this.files.get(path)?.lfs === true;
    return this.seen.filter(
      ({ origin, url }) => url.endsWith(`/${path}`) && origin === (isLarge ? 'storage' : 'hub'),
    );
  }

  #answer(origin: Seen['origin'], request: IncomingMessage, response: ServerResponse): unknown {
    const url = request.url!;
    const seen: Seen = { origin, url, headers: request.headers, sent: 0 };
    this.seen.push(seen);
    response.on('error', () => {});
    const path = url.match(/\/(?:resolve\/[0-9a-f]{40}|storage)\/(.*)$/)?.[1];
    if (path === undefined) return this.#api(url, request, response);
    const file = this.files.get(decodeURIComponent(path));
    const commit = url.match(/\/resolve\/([0-9a-f]{40})\//)?.[1];
    if (commit !== undefined) response.setHeader('x-repo-commit', commit);
    if (origin === 'hub' && file?.lfs === true && this.#mayRead(request)) {
      response.writeHead(302, {
        location: `${this.storage}/storage/${path}`,
        'x-linked-etag': `"${sha256(file.content)}"`,
        'x-linked-size': `${file.content.length}`,
      });
      return response.end();
    }
    const fault = this.fileFaults.get(decodeURIComponent(path))?.shift() ?? {};
    if (fault.status !== undefined) return fail(response, fault.status, fault.headers);
    if (origin === 'hub' && !this.#mayRead(request)) {
      const status = request.headers.authorization === undefined ? 401 : 403;
      return fail(response, status, this.namesErrors ? { 'x-error-code': 'GatedRepo' } : {});
    }
    if (file === undefined) return fail(response, 404, this.#code('EntryNotFound'));
    return send(file, fault, request, response, seen, this.cut);
  }

  #api(url: string, request: IncomingMessage, response: ServerResponse): unknown {
    const fault = this.apiFaults.shift();
    if (fault?.drop !== undefined) {
      return request.socket.destroy();
    }
    if (fault?.content !== undefined) return response.end(fault.content);
    if (fault?.status !== undefined) return fail(response, fault.status, fault.headers);
    const base = `/api/${this.kind}/${this.id}`;
    const [path, query] = url.split('?');
    if (path !== base && !path!.startsWith(`${base}/`))
      return fail(response, 404, this.#code('RepoNotFound'));
    const [what, name = ''] = path!.slice(base.length + 1).split('/');
    const commit = this.branches.get(decodeURIComponent(name)) ?? name;
    if (what === '') return json(response, { id: this.id });
    if (![...this.branches.values()].includes(commit)) {
      return fail(response, 404, this.#code('RevisionNotFound'));
    }
    if (what === 'revision') return json(response, { id: this.id, sha: commit });
    const start = Number(new URLSearchParams(query).get('cursor') ?? 0);
    const entries = this.#entries();
    if (start + this.pageSize < entries.length) {
      const next = `${this.endpoint}${path}?recursive=true&cursor=${start + this.pageSize}`;
      response.setHeader('link', `<${this.endpoint}${path}>; rel="first", <${next}>; rel="next"`);
    }
    return json(response, entries.slice(start, start + this.pageSize));
  }

  #entries(): object[] {
    const folders = new Set([...this.files.keys()].flatMap((path) => path.split('/').slice(0, -1)));
    const entries = [...this.files].map(([path, { content, lfs }]) => {
      const pointer = Buffer.from(`pointer ${sha256(content)}`);
      const large =
        lfs === true ? { lfs: { oid: sha256(content), size: content.length, pointerSize: 127 } } : {};
      return { type: 'file', path, size: content.length, oid: gitBlob(lfs ? pointer : content), ...large };
    });
    return [...[...folders].map((path) => ({ type: 'directory', path, size: 0, oid: '0' })), ...entries];
  }

  #mayRead({ headers }: IncomingMessage): boolean {
    return this.gatedBy === undefined || headers.authorization === `Bearer ${this.gatedBy}`;
  }

  #code(code: string): Record<string, string> {
    return this.namesErrors ? { 'x-error-code': code } : {};
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fail(response: ServerResponse, status: number, headers: Fault['headers'] = {}): ServerResponse {
  return response.writeHead(status, headers).end('no');
}

function json(response: ServerResponse, value: unknown): ServerResponse {
  return response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

async function send(
  { content: real, lfs }: FakeFile,
  fault: Fault,
  { headers }: IncomingMessage,
  response: ServerResponse,
  seen: Seen,
  all: Cut | undefined,
): Promise<unknown> {
  const content = fault.content ?? real;
  const etag = lfs === true ? `"storage-${sha256(content).slice(0, 8)}"` : `"${gitBlob(content)}"`;
  const isSame = headers['if-range'] === undefined || headers['if-range'] === (fault.headers?.etag ?? etag);
  const from = Number(headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
  const isPart = headers.range !== undefined && fault.ignoreRange !== true && isSame;
  if (isPart && from >= content.length)
    return fail(response, 416, { 'content-range': `bytes */${content.length}` });
  const body = isPart ? content.subarray(from) : content;
  response.writeHead(isPart ? 206 : 200, {
    etag,
    ...(fault.chunked === true ? {} : { 'content-length': `${body.length}` }),
    ...(isPart ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    ...fault.headers,
  });
  const write = async (part: Buffer) => {
    seen.sent += part.length;
    if (part.length > 0) await new Promise((done) => response.write(part, done));
  };
  if (all !== undefined) {
    // In turns with the other answers.
    for (let at = 0; at < body.length; at += 2 ** 16) {
      await write(all.take(body.subarray(at, at + 2 ** 16)));
      if (all.isOver()) return;
    }
    response.end();
    return;
  }
  const cut = fault.drop ?? fault.stall ?? fault.hold?.bytes;
  if (cut === undefined) {
    await write(body);
    response.end();
    return;
  }
  await write(body.subarray(0, cut));
  if (fault.hold !== undefined) {
    await fault.hold.go;
    await write(body.subarray(cut));
    response.end();
  } else if (fault.drop !== undefined) {
    // Time for the bytes to arrive: a reset would take those away that were not read yet.
    setTimeout(() => response.destroy(), 50);
  }
}
