import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Debian's, where it is installed. */
export const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

type Params = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: what the protocol answers differs from method to method
type Answer = any;

/** A page in a headless chromium, over the DevTools protocol on pipes: messages end with a NUL. */
export class BrowserPage {
  /** Console errors, uncaught exceptions and entries of the log, policy violations included. */
  readonly problems: string[] = [];
  /** Addresses of all requests. */
  readonly requests: string[] = [];
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #session: string | undefined;
  #next = 1;
  #loaded: (() => void) | undefined;

  private constructor(child: ChildProcess, profile: string) {
    this.#process = child;
    this.#profile = profile;
    let rest = '';
    const answers = child.stdio[4] as Readable;
    answers.setEncoding('utf8');
    answers.on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop()!;
      for (const message of messages) this.#receive(JSON.parse(message));
    });
    child.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('chromium has ended'));
    });
  }

  /** @param args More of chromium's arguments. */
  static async open(args: readonly string[] = []): Promise<BrowserPage> {
    const profile = await mkdtemp(join(tmpdir(), 'repro-chromium-'));
    const child = spawn(
      chromium!,
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', `--user-data-dir=${profile}`],
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const page = new BrowserPage(child, profile);
    const { targetId } = await page.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await page.send('Target.attachToTarget', { targetId, flatten: true });
    page.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: Params = {}): Promise<Answer> {
    const id = this.#next++;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Goes to an address and waits for its load event. */
  async goto(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page; promises are awaited. */
  async evaluate<T = unknown>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value as T;
  }

  /** Waits until an expression is true in the page, 10 seconds at most. */
  async until(expression: string): Promise<void> {
    const isTrue = await this.evaluate<boolean>(`(async () => {
      for (let i = 0; i < 400; i++) {
        if (${expression}) return true;
        await new Promise((done) => setTimeout(done, 25));
      }
      return false;
    })()`);
    if (!isTrue) throw new Error(`never true in the page: ${expression}`);
  }

  /** Presses and releases a key, as `ArrowRight`. */
  async press(key: string, code: number): Promise<void> {
    const params = { key, code: key, windowsVirtualKeyCode: code };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...params });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...params });
  }

  /** A width as of a phone or a desktop, in CSS pixels. */
  async resize(width: number, height: number): Promise<void> {
    const mobile = width < 600;
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  }

  /** What the system prefers. */
  async prefer(scheme: 'light' | 'dark'): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #receive({ id, result, error, method, params }: Answer): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    } else if (method === 'Page.loadEventFired') this.#loaded?.();
    else if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    else if (method === 'Runtime.exceptionThrown') {
      const { exception, text } = params.exceptionDetails;
      this.problems.push(exception?.description ?? text);
    } else if (method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(params.type)) {
      this.problems.push(params.args.map((arg: Answer) => arg.value ?? arg.description).join(' '));
    } else if (method === 'Log.entryAdded') this.problems.push(`${params.entry.level}: ${params.entry.text}`);
  }
}
