import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { entryPoint } from './entry-point.js';

/** How a child process ended that was to send one message. */
export type ChildAnswer<T> = { readonly stderr: string } & (
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'crash'; readonly how: string }
  | { readonly kind: 'time-out' }
);

export interface ChildOptions {
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeLimitMs: number;
}

/**
 * Starts a module of this folder in a child process and waits for its message, because what GPU drivers do can end
 * a process. What it prints stays inside; a child that crashes or hangs after its message has answered.
 *
 * @param T What the module sends.
 */
export function askChild<T>(
  name: string,
  { env = process.env, timeLimitMs }: ChildOptions,
): Promise<ChildAnswer<T>> {
  const { url, execArgv } = entryPoint(name);
  const child = fork(fileURLToPath(url), { env, execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let stderr = '';
  let answer: { readonly value: T } | undefined;
  let late = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.on('message', (value) => {
    answer ??= { value: value as T };
  });
  return new Promise((resolve) => {
    const end = (how: string): void => {
      clearTimeout(timer);
      if (answer !== undefined) resolve({ kind: 'answer', answer: answer.value, stderr });
      else if (late) resolve({ kind: 'time-out', stderr });
      else resolve({ kind: 'crash', how, stderr });
    };
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeLimitMs);
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
}

/** What libraries complain of on stderr, as one line: without the places in their sources, and each thing once. */
export function complaints(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^\S/.test(line));
  const words = lines.map((line) => line.replace(/^(warning|error): |[!.]+$/gi, '').trim());
  return [...new Set(words)].join('; ').slice(0, 300);
}
