import type { HubSettings } from './settings.js';
import { retryAfterMs, Transient } from './transient.js';

export type Fetch = typeof globalThis.fetch;

const mostRedirects = 10;
const mostTextBytes = 64 * 2 ** 20;
const neverConnected = new RegExp(
  '^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|' +
    'CERT_|DEPTH_|SELF_|UNABLE_|ERR_TLS)',
);

/** An answer whose body is read once, or discarded. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Headers of the hub's own answer where it redirected: they describe the file, the storage's do not. */
  readonly hubHeaders: Headers;
  readonly host: string;
  /** @throws Transient `dropped` when the connection breaks or nothing comes for a while */
  chunks(): AsyncGenerator<Uint8Array, void>;
  /** @throws Transient `dropped` */
  text(): Promise<string>;
  discard(): Promise<void>;
}

export interface HttpOptions {
  readonly fetch: Fetch;
  /** Milliseconds without a byte after which a connection counts as dropped. */
  readonly stallMs: number;
}

/** GET requests to the hub and to the storage to which it redirects. */
export class HubHttp {
  readonly #settings: HubSettings;
  readonly #options: HttpOptions;
  #wasReached = false;

  constructor(settings: HubSettings, options: HttpOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /**
   * Follows redirects itself: the token goes to the hub's own origin only, and no more once a redirect has
   * left it.
   *
   * @throws Transient for connections that fail or stall, `busy` for 429, `server` for 408 and 5xx
   */
  async get(
    address: string,
    headers: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const watch = new StallWatch(this.#options.stallMs, signal);
    try {
      const origin = new URL(this.#settings.endpoint).origin;
      let url = new URL(address);
      let isHub = url.origin === origin;
      let hubHeaders: Headers | undefined;
      for (let hops = 0; ; hops++) {
        const response = await this.#fetch(url, headers, isHub, watch);
        if (isHub) hubHeaders = response.headers;
        const location = response.headers.get('location');
        if (response.status < 300 || response.status > 399 || location === null) {
          await refuseTransient(response, url.host);
          return new FetchAnswer(response, hubHeaders ?? response.headers, url.host, watch);
        }
        await response.body?.cancel();
        if (hops === mostRedirects || !URL.canParse(location, url.href)) {
          throw new Transient('server', `${url.host} redirects without end`);
        }
        url = new URL(location, url);
        isHub &&= url.origin === origin;
      }
    } catch (error) {
      watch.close();
      throw error;
    }
  }

  async #fetch(
    url: URL,
    headers: Readonly<Record<string, string>>,
    isHub: boolean,
    watch: StallWatch,
  ): Promise<Response> {
    const { token } = this.#settings;
    const authorization = isHub && token !== undefined ? { authorization: `Bearer ${token}` } : {};
    watch.feed();
    try {
      const response = await this.#options.fetch(url, {
        // Packed answers have other lengths and ranges than the file.
        headers: { 'user-agent': 'repro', 'accept-encoding': 'identity', ...headers, ...authorization },
        redirect: 'manual',
        signal: watch.signal,
      });
      this.#wasReached = true;
      return response;
    } catch (error) {
      const reason = watch.reasonOf(error);
      const isUnreachable = isHub && !this.#wasReached && neverConnected.test(codeOf(error));
      throw new Transient(isUnreachable ? 'unreachable' : 'dropped', `${url.host}: ${reason}`);
    }
  }
}

async function refuseTransient(response: Response, host: string): Promise<void> {
  const { status, headers } = response;
  if (status !== 408 && status !== 429 && status < 500) return;
  await response.body?.cancel();
  const kind = status === 429 ? 'busy' : 'server';
  throw new Transient(kind, `${host} answers ${status}`, { waitMs: retryAfterMs(headers) });
}

class FetchAnswer implements Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly hubHeaders: Headers;
  readonly host: string;
  readonly #response: Response;
  readonly #watch: StallWatch;

  constructor(response: Response, hubHeaders: Headers, host: string, watch: StallWatch) {
    this.status = response.status;
    this.headers = response.headers;
    this.hubHeaders = hubHeaders;
    this.host = host;
    this.#response = response;
    this.#watch = watch;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of this.#response.body ?? []) {
        // Time that the reader takes (a slow disk) is not the server's.
        this.#watch.pause();
        yield chunk as Uint8Array;
        this.#watch.feed();
      }
    } catch (error) {
      throw new Transient('dropped', `${this.host}: ${this.#watch.reasonOf(error)}`);
    } finally {
      this.#watch.close();
    }
  }

  async text(): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.chunks()) {
      parts.push(chunk);
      length += chunk.length;
      if (length > mostTextBytes) throw new Transient('server', `${this.host} answers without end`);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  async discard(): Promise<void> {
    this.#watch.close();
    await this.#response.body?.cancel();
  }
}

/** Aborts a request when nothing has come for a while, or when the caller wants to stop. */
class StallWatch {
  readonly #controller = new AbortController();
  readonly #stallMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason);
  #timer: NodeJS.Timeout | undefined;
  #stalled = false;

  constructor(stallMs: number, outer: AbortSignal | undefined) {
    this.#stallMs = stallMs;
    this.#outer = outer;
    outer?.throwIfAborted();
    outer?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  feed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#stalled = true;
      this.#controller.abort();
    }, this.#stallMs);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    this.pause();
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  /** Why a request failed; throws instead when it was the caller who wanted to stop. */
  reasonOf(error: unknown): string {
    this.#outer?.throwIfAborted();
    if (this.#stalled) return `no data for ${this.#stallMs / 1000} s`;
    const { cause, message } = error as Error;
    return codeOf(error) || (cause instanceof Error ? cause.message : message);
  }
}

function codeOf(error: unknown): string {
  const { cause, code } = error as NodeJS.ErrnoException;
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? (typeof code === 'string' ? code : '');
}
