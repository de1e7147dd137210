import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../formats/files.js';
import { childScript, launchPyodide, pyodideVersions } from './pyodide.js';

/** Computing time that building a snapshot may take. */
const BUILD_CPU_SECONDS = 120;
const BUILD_MEMORY_BYTES = 512 * 2 ** 20;
/** A started interpreter is never smaller; a shorter file is a torn one. */
const SMALLEST_SNAPSHOT_BYTES = 2 ** 20;

/** Where caches of this program belong: $XDG_CACHE_HOME/repro, else ~/.cache/repro, else the temporary folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: xdg, HOME: home } = environment;
  if (xdg !== undefined && xdg !== '') return join(xdg, 'repro');
  const folder = home !== undefined && home !== '' ? home : homedir();
  return folder === '/' ? join(tmpdir(), 'repro-cache') : join(folder, '.cache', 'repro');
}

/**
 * The memory of a started interpreter in a file: a child that loads it is ready in about half a second instead
 * of three. Only ever a saving: without a file (no writable folder, a failed build) children start cold.
 */
export class SnapshotCache {
  readonly #folder: string;
  #path: Promise<string | null> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Path of the snapshot, built if there is none yet; null where there can be none. */
  path(): Promise<string | null> {
    this.#path ??= this.#find().catch(() => null);
    return this.#path;
  }

  /** Drops a snapshot that does not start; this process goes on without one. */
  async discard(): Promise<void> {
    const path = await this.path();
    this.#path = Promise.resolve(null);
    if (path !== null) await rm(path, { force: true });
  }

  async #find(): Promise<string | null> {
    const path = join(this.#folder, `pyodide-${await fingerprint()}.snapshot`);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size < SMALLEST_SNAPSHOT_BYTES) await this.#build(path);
    return realpath(path);
  }

  async #build(path: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const bytes = await recordSnapshot();
    // Two runs may build at the same time: whoever is last wins, and both files are whole.
    await writeWhole(path, bytes, { mode: 0o600 });
    // Snapshots of other versions are of no use any more, and 30 MB each.
    for (const file of await readdir(this.#folder)) {
      if (file.endsWith('.snapshot') && join(this.#folder, file) !== path)
        await rm(join(this.#folder, file), { force: true });
    }
  }
}

/** Changes whenever the interpreter, the child or Node does: a snapshot fits only what made it. */
async function fingerprint(): Promise<string> {
  const [script, { package: version }] = await Promise.all([readFile(childScript), pyodideVersions()]);
  const hash = createHash('sha256').update(script).update(version).update(process.version).digest('hex');
  return `${version}-${hash.slice(0, 12)}`;
}

/** Starts a locked child that writes its interpreter's memory to stdout. */
async function recordSnapshot(): Promise<Buffer> {
  const child = await launchPyodide({
    mode: 'snapshot',
    snapshotPath: null,
    memoryBytes: BUILD_MEMORY_BYTES,
    cpuSeconds: BUILD_CPU_SECONDS,
  });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.resume();
    child.once('error', reject);
    child.once('close', (code) => {
      const bytes = Buffer.concat(chunks);
      if (code === 0 && bytes.length >= SMALLEST_SNAPSHOT_BYTES) resolve(bytes);
      else reject(new Error(`The snapshot child ended with code ${code} after ${bytes.length} bytes.`));
    });
  });
}
