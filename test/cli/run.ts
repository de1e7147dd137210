import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.js';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, or the signal that ended the process. */
  readonly code: number | NodeJS.Signals | null;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Sees the process while it runs: to signal it, or to close its pipes. */
  readonly onStart?: (child: ChildProcess) => void;
}

const script = join(packageRoot, 'bin', 'repro.js');

/** Runs the built program as a user does. */
export function repro(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd = packageRoot, env = {}, stdin, onStart } = options;
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdin.end(stdin ?? '');
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...output, code: code ?? signal }));
  });
}
