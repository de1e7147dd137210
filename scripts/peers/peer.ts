import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/**
 * A process that answers a line with a line, and stands still between questions: both sides keep threads that
 * spin for a while after their work, which would take a core from the other side.
 */
export class Peer {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    // A process that has ended says why on stderr; writing to it is no other failure.
    child.stdin.on('error', () => undefined);
  }

  /** @param greeting Receives its first line, parsed. @throws Error with its stderr if it ends before. */
  static async start<T>(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ): Promise<{ peer: Peer; greeting: T }> {
    const peer = new Peer(
      spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] }),
    );
    const greeting = await peer.#next<T>();
    peer.#child.kill('SIGSTOP');
    return { peer, greeting };
  }

  /** Lets it run for one question. */
  async ask<T>(question: unknown): Promise<T> {
    this.#child.kill('SIGCONT');
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await this.#next<T>();
    this.#child.kill('SIGSTOP');
    return answer;
  }

  /** CPU milliseconds that it has used; Linux only. */
  async cpuMs(): Promise<number> {
    const stat = await readFile(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, in the ticks of 1/100 s that Linux shows everywhere.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  async #next<T>(): Promise<T> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#child.spawnfile} ended: ${this.#stderr}`);
    return JSON.parse(value) as T;
  }
}
