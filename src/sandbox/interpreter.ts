import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { killChild } from './launch.js';
import type { Evaluation, Failure, SandboxLimits, Verdict } from './types.js';

/** Wall-clock milliseconds that an interpreter may take to start, on a busy machine too. */
const START_LIMIT_MS = 120_000;
/** Resident bytes of Node and the compiled interpreter, on top of the program's own limit. */
const BASE_RESIDENT_BYTES = 512 * 2 ** 20;
const RESIDENT_POLL_MS = 100;
/** What a child may say in all; a text of ours is far shorter, and a program's output never comes here. */
const LARGEST_ANSWER = 16 * 2 ** 20;

/** What an interpreter is asked to do; the scripts in bin/ have the same shape. */
export type Task =
  | { readonly kind: 'run'; readonly program: string }
  | { readonly kind: 'evaluate'; readonly source: string; readonly input: string };

/**
 * A Python interpreter in a child process. The protocol is one JSON object a line: the child says `ready`, waits
 * without computing, reads a task, and says how it ended, with the task's token, which the program never sees. A
 * program is the last task of its interpreter; after an evaluation (source of ours) a child may wait for another.
 */
export class Interpreter {
  readonly #child: ChildProcess;
  readonly #limits: SandboxLimits;
  readonly #ended: Promise<string>;
  #onLine: (() => void) | undefined;
  #stdout = '';
  #stderr = '';
  #killedFor: Failure | undefined;

  private constructor(child: ChildProcess, limits: SandboxLimits) {
    this.#child = child;
    this.#limits = limits;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      if (this.#stdout.length > LARGEST_ANSWER) this.#kill(failed('the interpreter said too much'));
      if (text.includes('\n')) this.#onLine?.();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** Waits until a launched child is ready for a task, or says why it is not. */
  static async start(
    child: ChildProcess,
    limits: SandboxLimits,
  ): Promise<{ readonly interpreter: Interpreter } | { readonly failure: Failure }> {
    const interpreter = new Interpreter(child, limits);
    const line = await interpreter.#line(START_LIMIT_MS, () =>
      sandboxError(`the interpreter did not start within ${START_LIMIT_MS / 1000} s`),
    );
    if ('text' in line) return { interpreter };
    interpreter.kill();
    return { failure: interpreter.#killedFor ?? interpreter.#notStarted(line.end) };
  }

  /** Whether the child has neither ended nor been killed. */
  get waiting(): boolean {
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null && this.#killedFor === undefined;
  }

  /** Does a task. The child has ended when this resolves, unless an evaluation gave a value. */
  async serve(task: Extract<Task, { kind: 'run' }>): Promise<Verdict>;
  async serve(task: Extract<Task, { kind: 'evaluate' }>): Promise<Evaluation>;
  async serve(task: Task): Promise<Verdict | Evaluation> {
    const { timeLimitMs, memoryBytes } = this.#limits;
    const token = randomBytes(16).toString('hex');
    const extra = task.kind === 'run' ? { sentinel: `_end_${randomBytes(12).toString('hex')}` } : {};
    const poll = setInterval(async () => {
      const bytes = await residentBytes(this.#child.pid);
      if (bytes <= memoryBytes + BASE_RESIDENT_BYTES) return;
      this.#kill({ kind: 'out-of-memory', detail: 'the interpreter outgrew its memory', elapsedMs: 0 });
    }, RESIDENT_POLL_MS);
    const message = `${JSON.stringify({ ...task, ...extra, token })}\n`;
    if (task.kind === 'run') this.#child.stdin?.end(message);
    else this.#child.stdin?.write(message);
    const line = await this.#line(timeLimitMs, () => ({
      kind: 'timeout',
      detail: `stopped after ${timeLimitMs / 1000} s`,
      elapsedMs: timeLimitMs,
    }));
    clearInterval(poll);
    if (task.kind === 'evaluate' && 'text' in line && this.#killedFor === undefined) {
      const answer = readAnswer(line.text, token, task.kind);
      if (answer.kind === 'value') return answer;
    }
    this.kill();
    await this.#ended;
    if (this.#killedFor !== undefined) return this.#killedFor;
    if ('text' in line) return readAnswer(line.text, token, task.kind);
    if (/heap out of memory|Array buffer allocation failed/.test(this.#stderr)) {
      return { kind: 'out-of-memory', detail: 'the interpreter ran out of memory', elapsedMs: 0 };
    }
    return failed(`the interpreter ended early (${line.end})`);
  }

  /** Ends the child, whatever it is doing. */
  kill(): void {
    killChild(this.#child);
  }

  #kill(reason: Failure): void {
    this.#killedFor ??= reason;
    this.kill();
  }

  /** The next whole line of stdout, or how the child ended without one; killed after the limit. */
  async #line(
    limitMs: number,
    late: () => Failure,
  ): Promise<{ readonly text: string } | { readonly end: string }> {
    const timer = setTimeout(() => this.#kill(late()), limitMs);
    const line = new Promise<{ text: string }>((resolve) => {
      this.#onLine = () => {
        const at = this.#stdout.indexOf('\n');
        if (at < 0) return;
        const text = this.#stdout.slice(0, at);
        this.#stdout = this.#stdout.slice(at + 1);
        this.#onLine = undefined;
        resolve({ text });
      };
      this.#onLine();
    });
    try {
      return await Promise.race([line, this.#ended.then((end) => ({ end }))]);
    } finally {
      clearTimeout(timer);
    }
  }

  #notStarted(end: string): Failure {
    const said = this.#stderr.trim();
    const reason = said.split('\n').find((line) => /error/i.test(line)) ?? said.slice(0, 200);
    return sandboxError(`the interpreter did not start (${end}${reason === '' ? '' : `: ${reason.trim()}`})`);
  }
}

/** What the child says of a task. Anything else than a whole answer with the token is a failure of the program. */
function readAnswer(line: string, token: string, task: Task['kind']): Verdict | Evaluation {
  let said: { token?: unknown; kind?: unknown; detail?: unknown; elapsedMs?: unknown };
  try {
    said = JSON.parse(line);
  } catch {
    return failed('the interpreter gave no verdict');
  }
  if (said.token !== token) return failed('the interpreter gave no verdict');
  const [kind, detail, elapsedMs] = [said.kind, String(said.detail), Number(said.elapsedMs)];
  if (kind === 'passed' && task === 'run') return { kind, detail, elapsedMs };
  if (kind === 'value' && task === 'evaluate') return { kind, text: detail, elapsedMs };
  if (kind === 'failed' || kind === 'out-of-memory') return { kind, detail, elapsedMs };
  return failed('the interpreter gave no verdict');
}

function failed(detail: string): Failure {
  return { kind: 'failed', detail, elapsedMs: 0 };
}

/** Says that the sandbox did not work. */
export function sandboxError(detail: string): Failure {
  return { kind: 'sandbox-error', detail, elapsedMs: 0 };
}

/** Resident bytes of a process where /proc tells, else 0. Files that Python writes into memory count here. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
