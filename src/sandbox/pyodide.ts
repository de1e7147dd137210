import type { ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../paths.js';
import { dieWithParent, launch, unshareCommand } from './launch.js';

/** What the child reads first; bin/sandbox-child.mjs has the same shape. */
interface ChildSettings {
  /** `serve` does one task; `snapshot` writes the memory of the started interpreter to stdout. */
  readonly mode: 'serve' | 'snapshot';
  readonly pyodideDir: string;
  readonly snapshotPath: string | null;
  readonly memoryBytes: number;
}

export interface PyodideOptions {
  readonly mode: ChildSettings['mode'];
  readonly snapshotPath: string | null;
  readonly memoryBytes: number;
  /** Computing time of the whole child. */
  readonly cpuSeconds: number;
  /** The child to start; bin/sandbox-child.mjs unless given. */
  readonly script?: string;
}

/** The child's script: plain JavaScript that is started as it is, from the sources and once built. */
export const childScript: string = join(packageRoot, 'bin', 'sandbox-child.mjs');

/** JavaScript heap of the child in megabytes; Python's memory is not in it. */
const CHILD_HEAP_MEGABYTES = 512;

/** Folder of the pyodide package, with links resolved: the permission model compares real paths. */
export function pyodideFolder(): string {
  return realpathSync(dirname(createRequire(import.meta.url).resolve('pyodide/package.json')));
}

/** Versions of the installed pyodide package and of the Python in it. */
export async function pyodideVersions(): Promise<{ readonly package: string; readonly python: string }> {
  const read = async (file: string) => JSON.parse(await readFile(join(pyodideFolder(), file), 'utf8'));
  const manifest = (await read('package.json')) as { version: string };
  const lock = (await read('pyodide-lock.json')) as { info: { python: string } };
  return { package: manifest.version, python: lock.info.python };
}

/** Starts a locked child and gives it its settings; in a network namespace of its own where there can be one. */
export async function launchPyodide(options: PyodideOptions): Promise<ChildProcess> {
  const { mode, snapshotPath, memoryBytes, cpuSeconds, script = childScript } = options;
  const settings: ChildSettings = { mode, pyodideDir: pyodideFolder(), snapshotPath, memoryBytes };
  const [unshare, dying] = await Promise.all([unshareCommand(), dieWithParent()]);
  const node = [...dying, process.execPath, ...nodeArguments(settings, script)];
  const child = launch(unshare === null ? node : [unshare, '-Urn', '--', ...node], cpuSeconds);
  child.stdin?.write(`${JSON.stringify(settings)}\n`);
  return child;
}

/**
 * Node's own bolts: read access to the interpreter, the script and the snapshot, and nothing else (no write, no
 * process, no thread, no add-on); no code from strings.
 */
function nodeArguments(settings: ChildSettings, childScript: string): string[] {
  const script = realpathSync(childScript);
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const readable = [`${settings.pyodideDir}/*`, script];
  if (settings.snapshotPath !== null) readable.push(settings.snapshotPath);
  return [
    permission,
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${CHILD_HEAP_MEGABYTES}`,
    '--no-warnings',
    script,
  ];
}
