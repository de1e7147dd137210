import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../paths.js';
import type { PythonBackend } from './backend.js';
import { Interpreter, sandboxError } from './interpreter.js';
import { dieWithParent, launch } from './launch.js';
import type { SandboxLimits } from './types.js';

/** HumanEval's three seconds, because CPython of the system is as fast as the one they were meant for. */
export const NATIVE_LIMITS: SandboxLimits = { timeLimitMs: 3_000, memoryBytes: 512 * 2 ** 20 };

const START_CPU_SECONDS = 20;
const SCRATCH_BYTES = 64 * 2 ** 20;
const harness = join(packageRoot, 'bin', 'sandbox-child.py');

/** CPython of the system. */
interface SystemPython {
  readonly path: string;
  /** Where its standard library is: `/usr`, `/usr/local`, or a folder of its own. */
  readonly prefix: string;
  readonly version: string;
}

/** Asks the first `python3` of the usual places who it is. @throws Error in one sentence where there is none */
export async function findSystemPython(): Promise<SystemPython> {
  const folders = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  const path = folders.map((folder) => join(folder, 'python3')).find((file) => existsSync(file));
  if (path === undefined) throw new Error('there is no python3 in /usr/bin or /usr/local/bin');
  const code = 'import sys; print(sys.base_prefix, "%d.%d.%d" % sys.version_info[:3], sep="\\n")';
  const [prefix, version] = (await output(path, ['-I', '-c', code])).trim().split('\n');
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  // ast.unparse, which the sanitiser needs, came with 3.9.
  if (major !== 3 || minor < 9) throw new Error(`${path} is Python ${version}, but 3.9 or later is needed`);
  return { path, prefix: prefix!, version: version! };
}

/**
 * CPython of the system in a bubblewrap container: no network, no process of others in sight, the system's programs
 * read-only, and a small folder in memory to write to.
 *
 * @throws Error in one sentence where bubblewrap or its namespaces are missing
 */
export async function bubblewrapBackend(): Promise<PythonBackend> {
  const bwrap = ['/usr/bin/bwrap', '/usr/local/bin/bwrap'].find((file) => existsSync(file));
  if (bwrap === undefined)
    throw new Error('bubblewrap is not installed (Debian: apt-get install bubblewrap)');
  const python = await findSystemPython();
  const container = [bwrap, ...containerArguments(python)];
  await output(container[0]!, [...container.slice(1), python.path, '--version']).catch((error: Error) => {
    throw new Error(`bubblewrap can make no container here (${firstLine(error.message)})`);
  });
  return nativeBackend('bubblewrap', python, [...container, python.path, ...interpreterFlags, '/harness.py']);
}

/** CPython of the system as it is, with limits but with no isolation at all. @throws Error as `findSystemPython` */
export async function systemBackend(): Promise<PythonBackend> {
  const python = await findSystemPython();
  const command = ['/usr/bin/env', 'PYTHONHASHSEED=0', python.path, ...interpreterFlags, harness];
  return nativeBackend('system', python, command);
}

/** No user packages, no bytecode files, UTF-8 whatever the locale. */
const interpreterFlags = ['-s', '-B', '-X', 'utf8'];

function nativeBackend(
  name: 'bubblewrap' | 'system',
  python: SystemPython,
  command: readonly string[],
): PythonBackend {
  return {
    limits: NATIVE_LIMITS,
    describe: async (limits) => ({ backend: name, interpreter: `CPython ${python.version}`, ...limits }),
    async start(limits) {
      const cpuSeconds = Math.ceil(limits.timeLimitMs / 1000) + 1;
      const bounds = [String(limits.memoryBytes), String(cpuSeconds)];
      const cwd = await mkdtemp(join(tmpdir(), 'repro-python-'));
      const child = launch(
        [...(await dieWithParent()), ...command, ...bounds],
        START_CPU_SECONDS + cpuSeconds,
        cwd,
      );
      child.once('close', () => rm(cwd, { recursive: true, force: true }).catch(() => {}));
      try {
        return await Interpreter.start(child, limits);
      } catch (error) {
        if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
        return { failure: sandboxError(`Python could not be started (${(error as Error).message})`) };
      }
    },
  };
}

function containerArguments({ prefix }: SystemPython): string[] {
  const folders = ['/bin', '/lib', '/lib64', '/lib32', '/sbin'].filter((folder) => existsSync(folder));
  // Where /usr is merged these are links into it.
  const system = folders.flatMap((folder) => ['--ro-bind', realpathSync(folder), folder]);
  const own = prefix === '/usr' || prefix.startsWith('/usr/') ? [] : ['--ro-bind', prefix, prefix];
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...['--setenv', 'PYTHONHASHSEED', '0', '--hostname', 'sandbox'],
    ...['--ro-bind', '/usr', '/usr', ...system, ...own],
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache', '--dev', '/dev'],
    ...['--ro-bind', harness, '/harness.py', '--size', String(SCRATCH_BYTES), '--tmpfs', '/tmp'],
    ...['--chdir', '/tmp'],
  ];
}

/** What a command prints. @throws Error with what it complains of */
function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env: {}, cwd: dirname(command), timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim() === '' ? error.message : stderr.trim()));
    });
  });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
