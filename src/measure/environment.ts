import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a run was made on and with; part of every manifest. */
export interface Environment {
  readonly node: string;
  /** Version of onnxruntime-node. */
  readonly onnxruntime: string;
  /** Version of this package. */
  readonly repro: string;
  readonly os: string;
  readonly architecture: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The program's own commit, or null outside a repository. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** sha256 of package-lock.json, or null where it is not shipped. */
  readonly lockfileSha256: string | null;
}

/** Of the processor, as it names itself. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() ?? 'unknown';
}

/** @param packageDir Folder of the installed program. */
export async function captureEnvironment(packageDir: string): Promise<Environment> {
  const lockfile = await readFile(join(packageDir, 'package-lock.json')).catch(() => undefined);
  return {
    node: process.versions.node,
    onnxruntime: await onnxruntimeVersion(),
    repro: await packageVersion(join(packageDir, 'package.json')),
    os: `${platform()} ${release()}`,
    architecture: process.arch,
    cpu: cpuName(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    git: await gitState(packageDir),
    lockfileSha256: lockfile === undefined ? null : createHash('sha256').update(lockfile).digest('hex'),
  };
}

async function packageVersion(path: string | URL): Promise<string> {
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version?: string };
  return version ?? 'unknown';
}

/** Read from its package.json: loading the library itself takes a tenth of a second. */
export async function onnxruntimeVersion(): Promise<string> {
  const main = new URL(import.meta.resolve('onnxruntime-node'));
  return packageVersion(new URL('../package.json', main));
}

/** Commit and dirty flag of the repository whose root is `dir`; null if there is none, or no git. */
async function gitState(dir: string): Promise<Environment['git']> {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', ['-C', dir, ...args]);
    return stdout.trim();
  };
  try {
    // Installed inside somebody else's repository, the program has no commit of its own.
    if ((await git('rev-parse', '--show-prefix')) !== '') return null;
    return { commit: await git('rev-parse', 'HEAD'), dirty: (await git('status', '--porcelain')) !== '' };
  } catch {
    return null;
  }
}
