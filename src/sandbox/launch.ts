import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../paths.js';

/** What the child reads from its stdin; bin/sandbox-child.mjs has the same shape. */
export interface Job {
  readonly mode: 'run' | 'snapshot';
  readonly pyodideDir: string;
  readonly snapshotPath: string | null;
  readonly memoryBytes: number;
  readonly program: string;
  /** A name that the program cannot guess, assigned behind its last statement. */
  readonly sentinel: string;
}

/** The child's script: plain JavaScript that is started as it is, from the sources and once built. */
export const childScript: string = join(packageRoot, 'bin', 'sandbox-child.mjs');

/** Folder of the pyodide package, with links resolved: the permission model compares real paths. */
export function pyodideFolder(): string {
  return realpathSync(dirname(createRequire(import.meta.url).resolve('pyodide/package.json')));
}

/** JavaScript heap of the child in megabytes; Python's memory is not in it. */
const CHILD_HEAP_MEGABYTES = 512;

/**
 * Node's own bolts: read access to the interpreter, the script and the snapshot, and nothing else (no write, no
 * process, no thread, no add-on); no code from strings.
 */
function nodeArguments(job: Job, childScript: string): string[] {
  const script = realpathSync(childScript);
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const readable = [`${job.pyodideDir}/*`, script];
  if (job.snapshotPath !== null) readable.push(job.snapshotPath);
  return [
    permission,
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${CHILD_HEAP_MEGABYTES}`,
    '--no-warnings',
    script,
  ];
}

let namespaces: Promise<string | null> | undefined;

/**
 * The `unshare` command where this user may make user and network namespaces, else null. Asked once: the answer
 * belongs to the machine.
 */
export function unshareCommand(): Promise<string | null> {
  namespaces ??= new Promise((resolve) => {
    const command = ['/usr/bin/unshare', '/bin/unshare'].find((path) => existsSync(path));
    if (command === undefined) return resolve(null);
    execFile(command, ['-Urn', '--', process.execPath, '--version'], { env: {}, timeout: 20_000 }, (error) =>
      resolve(error === null ? command : null),
    );
  });
  return namespaces;
}

const alive = new Set<ChildProcess>();

/**
 * Starts a locked child with an empty environment and hands it the job. The child leads a process group of its
 * own, so that Ctrl-C reaches this process only; it dies with this process, and after `cpuSeconds` of computing
 * even where this process was killed.
 */
export async function launch(
  job: Job,
  cpuSeconds: number,
  script: string = childScript,
): Promise<ChildProcess> {
  const unshare = await unshareCommand();
  const node = [process.execPath, ...nodeArguments(job, script)];
  const confined = unshare === null ? node : [unshare, '-Urn', '--', ...node];
  const command =
    process.platform === 'win32'
      ? confined
      : ['/bin/sh', '-c', 'ulimit -c 0; ulimit -t "$0"; exec "$@"', String(cpuSeconds), ...confined];
  const child = spawn(command[0]!, command.slice(1), {
    env: {},
    cwd: '/',
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
  child.stdin.end(JSON.stringify(job));
  return child;
}

function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}
