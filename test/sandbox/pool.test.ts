import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { dieWithParent, liveChildren } from '../../src/sandbox/launch.js';
import { InterpreterPool } from '../../src/sandbox/pool.js';
import { pyodideBackend } from '../../src/sandbox/run.js';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { testLimits, testSnapshots } from './helpers.js';

const backend = pyodideBackend({ snapshots: testSnapshots });
const linux = process.platform === 'linux';

// Building the snapshot is a child, too.
beforeAll(async () => void (await testSnapshots.path()));

/** A backend that counts what it starts. */
function counted() {
  const counts = { started: 0, starting: 0, most: 0 };
  const start: typeof backend.start = async (limits) => {
    counts.started++;
    counts.most = Math.max(counts.most, ++counts.starting);
    try {
      return await backend.start(limits);
    } finally {
      counts.starting--;
    }
  };
  return { counts, backend: { ...backend, start } };
}

it('starts an interpreter a program and none for programs that may come later', async () => {
  const { counts, backend } = counted();
  const python = createPythonRunner({ backend, limits: testLimits, concurrency: 2 });
  const programs = Array.from({ length: 7 }, (_, i) => `assert ${i} % 3 == 0`);
  const verdicts = await Promise.all(programs.map((program) => python.run(program)));
  expect(verdicts.map(({ kind }) => kind === 'passed')).toEqual(programs.map((_, i) => i % 3 === 0));
  expect(counts.started).toBe(7);
  expect(counts.most).toBeLessThanOrEqual(2);
  expect(liveChildren()).toBe(0);
  await python.run('x = 1');
  expect(counts.started).toBe(8);
  expect(liveChildren()).toBe(0);
});

it('prepares no more than its size, and hands out what waits', async () => {
  const { counts, backend } = counted();
  const pool = new InterpreterPool(backend, testLimits, 2);
  pool.prepare(5);
  pool.prepare(5);
  const taken = [await pool.take(), await pool.take()];
  expect(counts.started).toBe(2);
  for (const one of taken) if ('interpreter' in one) one.interpreter.kill();
});

it.runIf(linux)('replaces an interpreter that was killed while it waited', async () => {
  const pool = new InterpreterPool(backend, testLimits, 1);
  pool.prepare(1);
  const pid = await waitingChild();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  const taken = await pool.take();
  if (!('interpreter' in taken)) throw new Error(taken.failure.detail);
  expect(await taken.interpreter.serve({ kind: 'run', program: 'x = 1' })).toMatchObject({ kind: 'passed' });
});

it('goes on after every way to fail', async () => {
  const limits = { timeLimitMs: 1_500, memoryBytes: 128 * 2 ** 20 };
  const python = createPythonRunner({ limits, snapshots: testSnapshots, concurrency: 2 });
  const bad = ['while True: pass', 'import os\nos._exit(0)', 'x = bytearray(10**9)', 'assert 0', 'def f(:'];
  const programs = bad.flatMap((program, i) => [program, `assert ${i} == ${i}`]);
  const kinds = (await Promise.all(programs.map((program) => python.run(program)))).map(({ kind }) => kind);
  expect(kinds.filter((_, i) => i % 2 === 0)).toEqual([
    ...['timeout', 'failed', 'out-of-memory', 'failed', 'failed'],
  ]);
  expect(kinds.filter((_, i) => i % 2 === 1)).toEqual(bad.map(() => 'passed'));
  expect(liveChildren()).toBe(0);
});

it.runIf(linux)('a waiting interpreter does not compute', async () => {
  const started = await backend.start(testLimits);
  const pid = await waitingChild();
  // The compiler's helper threads may need a moment more.
  let [before, after] = [cpuTicks(pid), Infinity];
  for (let tries = 0; tries < 10 && after - before > 0; tries++) {
    [before] = [cpuTicks(pid), await sleep(1_000)];
    after = cpuTicks(pid);
  }
  expect(after - before).toBe(0);
  if ('interpreter' in started) started.interpreter.kill();
});

it.runIf(linux && (await dieWithParent()).length > 0)('no interpreter outlives its parent', async () => {
  const script = fileURLToPath(new URL('orphans.ts', import.meta.url));
  const parent = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (text) => resolve(`${text}`)),
  );
  // Beside the two interpreters there may be a helper of tsx.
  const pids = line
    .trim()
    .split(' ')
    .map(Number)
    .filter((pid) => commandOf(pid).includes('sandbox-child'));
  expect(pids).toHaveLength(2);
  parent.kill('SIGKILL');
  for (const pid of pids) await gone(pid);
});

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

/** User and system time of a process in clock ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** The one child of this process that runs the interpreter's script. */
async function waitingChild(): Promise<number> {
  for (;;) {
    const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
    const pid = pids
      .trim()
      .split(' ')
      .map(Number)
      .find((one) => existsSync(`/proc/${one}/cmdline`) && commandOf(one).includes('sandbox-child'));
    if (pid !== undefined) return pid;
    await sleep(20);
  }
}

/** Resolves once a process has ended; throws when it still runs after two seconds. */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (!existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')))
      return;
    await sleep(20);
  }
  throw new Error(`process ${pid} is still there`);
}
