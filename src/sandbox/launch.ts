import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const alive = new Set<ChildProcess>();

/** Children of the sandbox that have not ended yet. */
export function liveChildren(): number {
  return alive.size;
}

/** Whether a command works here; asked once, because the answer belongs to the machine. */
class Probe {
  readonly #name: string;
  readonly #args: readonly string[];
  #answer: Promise<string | null> | undefined;

  constructor(name: string, args: readonly string[]) {
    this.#name = name;
    this.#args = args;
  }

  /** The path of the command, or null. */
  path(): Promise<string | null> {
    this.#answer ??= new Promise((resolve) => {
      const command = ['/usr/bin', '/bin']
        .map((folder) => `${folder}/${this.#name}`)
        .find((path) => existsSync(path));
      if (command === undefined) return resolve(null);
      execFile(command, this.#args, { env: {}, timeout: 20_000 }, (error) =>
        resolve(error === null ? command : null),
      );
    });
    return this.#answer;
  }
}

const node = [process.execPath, '--version'];
const unshare = new Probe('unshare', ['-Urn', '--', ...node]);
const setpriv = new Probe('setpriv', ['--pdeathsig', 'KILL', '--', ...node]);

/** The `unshare` command where this user may make user and network namespaces, else null. */
export function unshareCommand(): Promise<string | null> {
  return unshare.path();
}

/** The command that has a process killed when its parent dies (Linux), or nothing. */
export async function dieWithParent(): Promise<string[]> {
  const path = await setpriv.path();
  return path === null ? [] : [path, '--pdeathsig', 'KILL', '--'];
}

/**
 * Starts a child with an empty environment and pipes for its streams. It leads a process group of its own, so that
 * Ctrl-C reaches this process only; it dies with this process, and after `cpuSeconds` of computing even where this
 * process was killed and the machine has no way to tell it.
 */
export function launch(command: readonly string[], cpuSeconds: number, cwd = '/'): ChildProcess {
  const confined =
    process.platform === 'win32'
      ? command
      : ['/bin/sh', '-c', 'ulimit -c 0; ulimit -t "$0"; exec "$@"', String(cpuSeconds), ...command];
  const child = spawn(confined[0]!, confined.slice(1), {
    env: {},
    cwd,
    stdio: 'pipe',
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  if (alive.size === 0) process.once('exit', killAll);
  alive.add(child);
  child.once('close', () => {
    alive.delete(child);
    if (alive.size === 0) process.off('exit', killAll);
  });
  // A child that dies at once breaks the pipe; its end is reported by `close`.
  child.stdin.on('error', () => {});
  return child;
}

/** Kills a child and whatever it started in its process group. */
export function killChild(child: ChildProcess): void {
  child.kill('SIGKILL');
  if (child.pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
}

function killAll(): void {
  for (const child of alive) killChild(child);
}
