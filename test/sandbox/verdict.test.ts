import { describe, expect, it } from 'vitest';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { run, testLimits, testSnapshots } from './helpers.js';

describe('verdicts', () => {
  it('passes a program that runs to its end', async () => {
    const verdict = await run('import typing, math\nassert math.gcd(12, 18) == 6\n');
    expect(verdict).toMatchObject({ kind: 'passed', detail: '' });
    expect(verdict.elapsedMs).toBeGreaterThan(0);
  });

  it.each([
    ['an assertion', 'assert 1 == 2', 'failed', /^AssertionError/],
    ['a syntax error', 'def f(:', 'failed', /^SyntaxError/],
    ['an open string that swallows the rest', 'x = """\nassert False', 'failed', /^SyntaxError/],
    ['SystemExit', 'raise SystemExit(0)\nassert False', 'failed', /ended early/],
    ['os._exit', 'import os\nos._exit(0)', 'failed', /stopped/],
    ['endless recursion', 'def f(): return f()\nf()', 'failed', /RecursionError/],
    [
      'recursion past the stack',
      'import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()',
      'failed',
      /stack/,
    ],
    [
      'an exception that cannot be printed',
      'class E(Exception):\n def __str__(s): raise SystemExit\nraise E',
      'failed',
      /E/,
    ],
    ['input', 'input()', 'failed', /Error/],
    ['an endless list', 'x = []\nwhile True: x.append(bytearray(10**7))', 'out-of-memory', /MemoryError/],
  ])('%s', async (_name, program, kind, detail) => {
    const verdict = await run(program);
    expect(verdict.kind).toBe(kind);
    expect(verdict.detail).toMatch(detail);
    expect(verdict.detail).not.toContain('\n');
  });

  it('goes on after a MemoryError that the program handles', async () => {
    const program = 'try:\n x = bytearray(2**30)\n assert False\nexcept MemoryError: pass\n';
    expect(await run(program)).toMatchObject({ kind: 'passed' });
  });

  it.each([
    ['a loop', 'while True: pass'],
    ['a sleep', 'import time\ntime.sleep(600)'],
    [
      'a loop that prints and catches everything',
      'while True:\n try: print("x" * 10000)\n except BaseException: pass',
    ],
  ])('kills %s at the limit', async (_name, program) => {
    expect(await run(program, { timeLimitMs: 700 })).toMatchObject({ kind: 'timeout', elapsedMs: 700 });
  });

  // Resident memory is read from /proc.
  it.runIf(process.platform === 'linux')('stops a program that fills the file system in memory', async () => {
    const program = 'f = open("/tmp/x", "wb")\nwhile True: f.write(bytes(10**7))';
    expect(await run(program)).toMatchObject({ kind: 'out-of-memory' });
  });
});

describe('one program after another', () => {
  it('a poisoned builtin does not reach the next program', async () => {
    const poison =
      'import builtins, sys\nbuiltins.len = lambda x: 7\nbuiltins.AssertionError = None\n' +
      'sys.modules["math"] = None\nopen("/tmp/left", "w").write("x")\nassert len([]) == 7\n';
    expect(await run(poison)).toMatchObject({ kind: 'passed' });
    const next = 'import math, os\nassert len([]) == 0\nassert not os.path.exists("/tmp/left")\n';
    expect(await run(next)).toMatchObject({ kind: 'passed' });
  });

  it('gives the same hashes, sets and random numbers every time', async () => {
    const probe = 'import random\nraise Exception(str((hash("a"), set("hello"), random.random())))';
    const [first, second] = [await run(probe), await run(probe)];
    expect(first.detail).toMatch(/^Exception: \(/);
    expect(second.detail).toBe(first.detail);
  });

  it('a runner remembers verdicts by program text', async () => {
    const runner = createPythonRunner({ limits: testLimits, snapshots: testSnapshots });
    const [first, again, other] = await Promise.all(['x = 1', 'x = 1', 'assert 0'].map((p) => runner.run(p)));
    // Two children would not have taken the same time to the nanosecond.
    expect(again).toBe(first);
    expect(first!.kind).toBe('passed');
    expect(other!.kind).toBe('failed');
  });
});
