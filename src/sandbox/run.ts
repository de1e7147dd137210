import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { childScript, type Job, launch, pyodideFolder } from './launch.js';
import { cacheFolder, SnapshotCache } from './snapshot.js';
import type { SandboxLimits, Verdict } from './types.js';

/**
 * Five times HumanEval's three seconds, because Python in WebAssembly is about six times slower than native
 * Python and the slowest reference solution takes 1.3 s of it.
 */
export const DEFAULT_LIMITS: SandboxLimits = { timeLimitMs: 15_000, memoryBytes: 512 * 2 ** 20 };

/** Wall-clock milliseconds that an interpreter may take to start, on a busy machine too. */
const START_LIMIT_MS = 120_000;
/** Computing time of the start, on top of the program's own limit. */
const START_CPU_SECONDS = 60;
/** Resident bytes of Node and the compiled interpreter, on top of the program's own limit. */
const BASE_RESIDENT_BYTES = 512 * 2 ** 20;
const RESIDENT_POLL_MS = 100;

const sharedSnapshots = new SnapshotCache(`${cacheFolder()}/sandbox`);

export interface RunOptions {
  /** Keeps the started interpreter; in the user's cache folder unless given. */
  readonly snapshots?: SnapshotCache;
  /** The child to start, for tests that take one bolt away to try those behind it. */
  readonly script?: string;
}

/**
 * Runs one Python program in a fresh interpreter in a locked child process. It passes when control comes back
 * after its last statement: exceptions, `SystemExit`, `os._exit` and the like are failures. The isolation is
 * defence in depth, no proof.
 */
export async function runPython(
  program: string,
  limits: SandboxLimits = DEFAULT_LIMITS,
  { snapshots = sharedSnapshots, script = childScript }: RunOptions = {},
): Promise<Verdict> {
  const snapshotPath = await snapshots.path();
  const verdict = await attempt(program, limits, script, snapshotPath);
  if (verdict.kind !== 'sandbox-error' || snapshotPath === null) return verdict;
  await snapshots.discard();
  return attempt(program, limits, script, null);
}

async function attempt(
  program: string,
  limits: SandboxLimits,
  script: string,
  snapshotPath: string | null,
): Promise<Verdict> {
  let child: ChildProcess;
  try {
    const job: Job = {
      mode: 'run',
      pyodideDir: pyodideFolder(),
      snapshotPath,
      memoryBytes: limits.memoryBytes,
      program,
      sentinel: `_end_${randomBytes(12).toString('hex')}`,
    };
    child = await launch(job, START_CPU_SECONDS + Math.ceil(limits.timeLimitMs / 1000), script);
  } catch (error) {
    // A missing file or package; anything else is a bug of ours.
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return sandboxError(`the interpreter could not be started (${(error as Error).message})`);
  }
  return watch(child, limits);
}

/** Follows a child to its end: not started yet, running the program, or killed for a reason of ours. */
function watch(child: ChildProcess, limits: SandboxLimits): Promise<Verdict> {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let ready = false;
    let killedFor: Verdict | undefined;
    const kill = (reason: Verdict) => {
      killedFor ??= reason;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(() => {
      kill(sandboxError(`the interpreter did not start within ${START_LIMIT_MS / 1000} s`));
    }, START_LIMIT_MS);
    const poll = setInterval(async () => {
      const bytes = await residentBytes(child.pid);
      if (bytes <= limits.memoryBytes + BASE_RESIDENT_BYTES) return;
      kill({ kind: 'out-of-memory', detail: 'the interpreter outgrew its memory', elapsedMs: 0 });
    }, RESIDENT_POLL_MS);

    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (ready || !stdout.includes('\n')) return;
      ready = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const detail = `stopped after ${limits.timeLimitMs / 1000} s`;
        kill({ kind: 'timeout', detail, elapsedMs: limits.timeLimitMs });
      }, limits.timeLimitMs);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    const settle = (verdict: Verdict) => {
      clearTimeout(timer);
      clearInterval(poll);
      resolve(verdict);
    };
    child.once('error', (error) => {
      settle(sandboxError(`the interpreter could not be started (${error.message})`));
    });
    child.once('close', (code, signal) => {
      const end = signal ?? `exit code ${code}`;
      settle(killedFor ?? readVerdict(stdout) ?? withoutVerdict(ready, end, stderr));
    });
  });
}

/** The child's last line, when it is a verdict in full. */
function readVerdict(stdout: string): Verdict | undefined {
  const lines = stdout.split('\n');
  if (lines.length < 3 || lines.at(-1) !== '') return undefined;
  const said = JSON.parse(lines.at(-2)!) as { kind: unknown; detail: unknown; elapsedMs: unknown };
  const { kind, detail, elapsedMs } = said;
  if (kind !== 'passed' && kind !== 'failed' && kind !== 'out-of-memory') return undefined;
  return { kind, detail: String(detail), elapsedMs: Number(elapsedMs) };
}

/** A child that ended by itself without a word about the program. */
function withoutVerdict(ready: boolean, end: string, stderr: string): Verdict {
  if (!ready) {
    const reason =
      stderr
        .trim()
        .split('\n')
        .find((line) => /error/i.test(line)) ?? stderr.trim().slice(0, 200);
    return sandboxError(`the interpreter did not start (${end}${reason === '' ? '' : `: ${reason.trim()}`})`);
  }
  if (/heap out of memory|Array buffer allocation failed/.test(stderr)) {
    return { kind: 'out-of-memory', detail: 'the interpreter ran out of memory', elapsedMs: 0 };
  }
  return { kind: 'failed', detail: `the interpreter ended early (${end})`, elapsedMs: 0 };
}

function sandboxError(detail: string): Verdict {
  return { kind: 'sandbox-error', detail, elapsedMs: 0 };
}

/** Resident bytes of a process where /proc tells, else 0. Files that Python writes into memory count here. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
