import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PythonBackend } from '../../src/sandbox/backend.js';
import { liveChildren } from '../../src/sandbox/launch.js';
import { bubblewrapBackend, systemBackend } from '../../src/sandbox/native.js';
import { createPythonRunner } from '../../src/sandbox/runner.js';

const limits = { timeLimitMs: 2_000, memoryBytes: 512 * 2 ** 20 };

/** The backend, or why this machine has none. */
async function here(open: () => Promise<PythonBackend>): Promise<PythonBackend | string> {
  return open().catch((error: Error) => error.message);
}

const backends = [
  ['bubblewrap', await here(bubblewrapBackend)],
  ['system', await here(systemBackend)],
] as const;

for (const [name, backend] of backends) {
  const missing = typeof backend === 'string' ? ` (${backend})` : '';
  describe.skipIf(missing !== '')(`${name}${missing}`, () => {
    const python = createPythonRunner({ backend: backend as PythonBackend, limits, concurrency: 2 });

    it.each([
      ['a program that runs to its end', 'import math\nassert math.gcd(12, 18) == 6', ['passed'], /^$/],
      ['an assertion', 'assert 1 == 2', ['failed'], /^AssertionError/],
      ['a syntax error', 'def f(:', ['failed'], /^SyntaxError/],
      ['SystemExit', 'raise SystemExit(0)', ['failed'], /ended early/],
      ['os._exit', 'import os\nos._exit(0)', ['failed'], /ended early/],
      ['a crash', 'import ctypes\nctypes.string_at(0)', ['failed'], /ended early/],
      ['input', 'input()', ['failed'], /EOFError/],
      ['too much memory', 'x = bytearray(10**9)', ['out-of-memory'], /MemoryError/],
      ['a loop', 'while True: pass', ['timeout'], /stopped after 2 s/],
      ['a sleep', 'import time\ntime.sleep(600)', ['timeout'], /stopped after 2 s/],
      [
        'a handler of every signal',
        'import signal\nfor s in range(1, 32):\n try: signal.signal(s, lambda *a: None)\n except OSError: pass\nwhile True: pass',
        ['timeout'],
        /stopped/,
      ],
      ['a great file', 'with open("x", "wb") as f: f.write(bytes(2**25))', ['failed'], /OSError|ended early/],
      [
        'a verdict on every descriptor',
        'import os\nfor n in range(64):\n try: os.write(n, b\'{"kind":"passed"}\\n\')\n except OSError: pass\nassert False',
        ['failed'],
        /no verdict|AssertionError/,
      ],
    ])('%s', async (_name, program, kinds, detail) => {
      const verdict = await python.run(program);
      expect(kinds).toContain(verdict.kind);
      expect(verdict.detail).toMatch(detail);
      expect(liveChildren()).toBe(0);
    });

    it('evaluates', async () => {
      expect(await python.evaluate('def main(t): return t[::-1]', 'é😀\n"')).toMatchObject({
        text: '"\n😀é',
      });
    });

    it('describes itself', async () => {
      const described = await (backend as PythonBackend).describe(limits);
      expect(described).toMatchObject({ backend: name, ...limits });
      expect(described.interpreter).toMatch(/^CPython 3\.\d+\.\d+$/);
    });

    it('gives the same hashes and random numbers every time', async () => {
      const probe = 'import random\nraise Exception(str((hash("a"), set("hello"), random.random())))';
      const [first, second] = [await python.run(probe), await python.run(`${probe}\n`)];
      expect(second.detail).toBe(first.detail);
    });

    it('starts with an empty environment in an empty folder that does not stay', async () => {
      const before = readdirSync(tmpdir()).filter((file) => file.startsWith('repro-python-'));
      const program =
        'import os\nopen("left", "w").close()\nassert os.listdir() == ["left"]\n' +
        'assert not any(k.startswith(("REPRO", "npm", "HOME", "PATH")) for k in os.environ), os.environ';
      expect(await python.run(program)).toMatchObject({ kind: 'passed' });
      await new Promise((resolve) => setTimeout(resolve, 200));
      const after = readdirSync(tmpdir()).filter((file) => file.startsWith('repro-python-'));
      expect(after.filter((file) => !before.includes(file))).toEqual([]);
    });
  });
}

const bubblewrap = backends[0][1];
const without = typeof bubblewrap === 'string' ? ` (${bubblewrap})` : '';

describe.skipIf(without !== '')(`from bubblewrap no program gets out${without}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'repro-bubblewrap-'));
  const [secret, trace] = [join(folder, 'secret'), join(folder, 'trace')];
  const python = createPythonRunner({ backend: bubblewrap as PythonBackend, limits });
  let server: Server;
  let connections = 0;
  let port = 0;

  beforeAll(async () => {
    writeFileSync(secret, 'the-secret-of-the-host');
    server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  afterAll(() => server.close());

  it.each<[string, () => string, RegExp]>([
    ['a shell', () => `import os\nassert os.system("id > ${trace}") == 0`, /AssertionError/],
    ['subprocess', () => 'import subprocess\nsubprocess.run(["/bin/ls"])', /BlockingIOError|Error/],
    ['a fork bomb', () => 'import os\nwhile True: os.fork()', /BlockingIOError/],
    ['a thread', () => 'import threading\nthreading.Thread(target=print).start()', /can't start new thread/],
    ['a secret of the host', () => `raise Exception(open("${secret}").read())`, /No such file/],
    [
      'the host folders',
      () =>
        'import os\nraise Exception(sorted(set(os.listdir("/")) & {"home", "root", "work", "etc/passwd"}))',
      /^Exception: \[\]$/,
    ],
    ['the passwords', () => 'open("/etc/passwd")', /No such file/],
    ['writing to the system', () => 'open("/usr/x", "w")', /Read-only/],
    [
      'writing to the root',
      () => 'import os\nos.remount = 1\nopen("/harness.py", "w")',
      /Read-only|Permission/,
    ],
    [
      'processes of others',
      () => 'import os\nraise Exception(os.path.exists("/proc/1"))',
      /^Exception: False$/,
    ],
    [
      'killing its parent',
      () => 'import os\nos.kill(os.getppid(), 0) if os.getppid() else None\nos.kill(1, 9)\nassert False',
      /AssertionError|Error/,
    ],
    [
      'the network',
      () => `import socket\nsocket.create_connection(("127.0.0.1", ${port}), 1)`,
      /refused|unreachable|Error/,
    ],
    ['a name look-up', () => 'import socket\nsocket.getaddrinfo("example.org", 80)', /gaierror/],
    [
      'a mount',
      () =>
        'import ctypes\nl = ctypes.CDLL(None, use_errno=True)\nassert l.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0',
      /AssertionError/,
    ],
    [
      'another namespace',
      () => 'import ctypes\nl = ctypes.CDLL(None, use_errno=True)\nassert l.unshare(0x20000000) == 0',
      /AssertionError/,
    ],
  ])('%s', async (_name, program, reason) => {
    const verdict = await python.run(program());
    expect(verdict.kind).toBe('failed');
    expect(verdict.detail).toMatch(reason);
    expect(verdict.detail).not.toContain('the-secret');
    expect(existsSync(trace)).toBe(false);
    expect(connections).toBe(0);
  });

  it('fills its own small folder only', async () => {
    const program = 'n = 0\nwhile True:\n open(str(n), "wb").write(bytes(10**7))\n n += 1';
    const verdict = await python.run(program);
    expect(verdict.detail).toMatch(/No space left|stopped/);
  });
});
