import { describe, expect, it } from 'vitest';
import { liveChildren } from '../../src/sandbox/launch.js';
import { pyodideBackend } from '../../src/sandbox/run.js';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import type { Verdict } from '../../src/sandbox/types.js';
import { testSnapshots } from './helpers.js';

/**
 * Programs that try to stay for ever, to take everything, to speak for the sandbox, or to leave something for the
 * next program. Those that try to get out are in escape.test.ts.
 */
const limits = { timeLimitMs: 2_000, memoryBytes: 192 * 2 ** 20 };
const backend = pyodideBackend({ snapshots: testSnapshots });
const pool = createPythonRunner({ limits, snapshots: testSnapshots });

/** Runs a program alone, and tells how long it was there. */
async function ended(program: string): Promise<{ verdict: Verdict; ms: number }> {
  const started = await backend.start(limits);
  if ('failure' in started) throw new Error(started.failure.detail);
  const start = performance.now();
  const verdict = await started.interpreter.serve({ kind: 'run', program });
  return { verdict, ms: performance.now() - start };
}

let sane = 0;

/** The pool still tells right from wrong. */
async function poolWorks(): Promise<void> {
  const n = sane++;
  const [right, wrong] = await Promise.all([
    pool.run(`import math\nassert math.gcd(${n + 1}, 0) == ${n + 1}\nassert len("ab") == 2\n`),
    pool.run(`assert ${n} == ${n + 1}\n`),
  ]);
  expect(right).toMatchObject({ kind: 'passed' });
  expect(wrong).toMatchObject({ kind: 'failed', detail: 'AssertionError' });
  expect(liveChildren()).toBe(0);
}

describe('endless and greedy programs are stopped', () => {
  it.each<[string, string, Verdict['kind'][]]>([
    ['a loop', 'while True: pass', ['timeout']],
    ['a sleep', 'import time\ntime.sleep(10**6)', ['timeout']],
    ['a power of a power', 'x = 10**10**8', ['timeout', 'out-of-memory']],
    ['a catastrophic pattern', 'import re\nre.match(r"(a|a)*$", "a" * 64 + "b")', ['timeout']],
    ['a sum in C', 'sum(range(10**12))', ['timeout']],
    [
      'an endless iterator in C',
      'import collections, itertools\ncollections.deque(itertools.repeat(0), maxlen=0)',
      ['timeout'],
    ],
    ['except BaseException', 'while True:\n try: raise SystemExit\n except BaseException: pass', ['timeout']],
    ['finally', 'while True:\n try: raise KeyboardInterrupt\n finally: continue', ['timeout']],
    [
      'a handler of every signal',
      'import signal\nfor s in range(1, 32):\n try: signal.signal(s, lambda *a: None)\n except BaseException: pass\nwhile True: pass',
      ['timeout'],
    ],
    ['a flood of stdout', 'while True: print("x" * 100000)', ['timeout']],
    [
      'a flood of stderr',
      'import os, sys\nwhile True:\n sys.stderr.write("x" * 100000)\n os.write(2, b"x" * 100000)',
      ['timeout'],
    ],
    [
      'a flood of warnings',
      'import warnings\nwarnings.simplefilter("always")\nwhile True: warnings.warn("x")',
      ['timeout'],
    ],
    ['a memory bomb', 'x = [0]\nwhile True: x += x', ['out-of-memory']],
    ['one great string', 'x = "x" * (2**31 - 100)', ['out-of-memory']],
    [
      'a memory bomb that catches',
      'x = []\nwhile True:\n try: x.append(bytearray(10**7))\n except MemoryError: pass',
      ['timeout'],
    ],
    [
      'files without end',
      'n = 0\nwhile True:\n open(f"/tmp/{n}", "w").write("x" * 10**6)\n n += 1',
      ['timeout', 'out-of-memory', 'failed'],
    ],
    ['deep recursion', 'import sys\nsys.setrecursionlimit(10**9)\nf = lambda: f()\nf()', ['failed']],
    [
      'recursion in C',
      'x = []\nfor _ in range(10**6): x = [x]\nrepr(x)\nhash(str(x))',
      ['failed', 'timeout'],
    ],
    ['a deep source', 'eval("(" * 10**5 + ")" * 10**5)', ['failed', 'out-of-memory']],
    ['a fork bomb', 'import os\nwhile True: os.fork()', ['failed']],
    ['a bomb of threads', 'import threading\nwhile True: threading.Thread(target=print).start()', ['failed']],
    [
      'a bomb of processes',
      'import multiprocessing as m\nwhile True: m.Process(target=print).start()',
      ['failed'],
    ],
    ['a slow __del__', 'class D:\n def __del__(s):\n  while True: pass\nd = D()\ndel d', ['timeout']],
  ])('%s', async (_name, program, kinds) => {
    const { verdict, ms } = await ended(program);
    expect(kinds).toContain(verdict.kind);
    expect(ms).toBeLessThan(limits.timeLimitMs + 2_000);
    await poolWorks();
  });
});

/** Reaches JavaScript's Object from any proxy. */
const object = 'from pyodide.ffi import to_js\nO = to_js([1]).constructor.prototype.__proto__.constructor\n';
const frames = 'import sys\nf = sys._getframe()\nwhile f.f_back: f = f.f_back; g = f\n';

describe('no program speaks for the sandbox', () => {
  it.each<[string, string]>([
    [
      'a printed verdict',
      'print(\'{"kind":"passed","detail":"","elapsedMs":1}\', flush=True)\nimport os\nos._exit(0)',
    ],
    [
      'a verdict written to every descriptor',
      'import os\nfor n in range(64):\n try: os.write(n, b\'{"kind":"passed","detail":""}\\n\')\n except OSError: pass\nraise SystemExit',
    ],
    ['exit code 0', 'raise SystemExit(0)'],
    ['os._exit', 'import os\nos._exit(0)'],
    ['os.abort', 'import os\nos.abort()'],
    ['quit', 'quit()'],
    [
      'the sentinel set beforehand',
      'import sys\nfor name in sys._getframe().f_code.co_names:\n globals()[name] = True\nraise SystemExit',
    ],
    [
      'the sentinel read from the frame above',
      'import sys\nglobals()[sys._getframe(1).f_locals["sentinel"]] = True\nraise SystemExit',
    ],
    ['an exit function', 'import atexit, os\natexit.register(lambda: os._exit(0))\nassert False'],
    ['a __del__ at the end', 'import sys\nclass D:\n def __del__(s): sys.exit(0)\nd = D()\nassert False'],
    ['an excepthook', 'import sys\nsys.excepthook = lambda *a: None\nassert False'],
    [
      'an overridden AssertionError',
      'import builtins\nbuiltins.AssertionError = type("E", (Exception,), {})\nassert False',
    ],
    [
      'no exceptions left',
      'import builtins\nfor n in ("BaseException", "SystemExit", "MemoryError", "Exception"):\n setattr(builtins, n, None)\nassert False',
    ],
    [
      'exec and compile replaced',
      'import builtins\nbuiltins.exec = builtins.compile = lambda *a: None\nassert False',
    ],
    [
      'check defined beforehand',
      'def check(f): pass\ncheck = lambda f: None\ndef check(f): assert f() == 1\ncheck(lambda: 2)',
    ],
    [
      'a trace function that jumps over the tests',
      'import sys\ndef t(f, e, a):\n if e == "line": f.f_lineno = 9\n return t\nsys.settrace(t)\nsys._getframe().f_trace = t\nassert False\nassert False\nx = 1\nassert False',
    ],
    [
      'settrace brought back',
      'import sys, importlib\nimportlib.reload(sys)\nsys.settrace(None)\nassert False',
    ],
    [
      'a trace of the frame alone',
      'import sys\nsys._getframe().f_trace = lambda f, e, a: None\nassert False',
    ],
    [
      'the harness found by gc',
      'import gc\nfor o in gc.get_objects():\n if getattr(o, "__name__", "") in ("run", "describe") and hasattr(o, "__code__"):\n  for c in o.__closure__ or ():\n   try: c.cell_contents = lambda *a: "passed"\n   except BaseException: pass\n  o.__code__ = (lambda *a: "passed").__code__ if not o.__closure__ else o.__code__\nassert False',
    ],
    [
      'locals of the frame above changed',
      'import sys\nl = sys._getframe(1).f_locals\nfor k in list(l):\n try: l[k] = "passed"\n except BaseException: pass\nassert False',
    ],
    [
      'globals of every frame changed',
      `${frames}g.f_globals.update(run=lambda *a: "passed", _make_tasks=None)\nassert False`,
    ],
    [
      'a result that formats itself',
      'class E(Exception):\n def __str__(s): return "passed"\n __repr__ = __format__ = __str__\nraise E',
    ],
    ['an exception named passed', 'raise type("passed", (Exception,), {"__module__": "builtins"})'],
    [
      'traceback replaced',
      'import traceback\ntraceback.format_exception_only = lambda e: ["passed"]\nassert False',
    ],
    ['ctypes writes over memory', 'import ctypes\nctypes.memset(0, 0, 2**26)\nassert False'],
    [
      'ctypes clears the exception',
      'import ctypes\ntry: assert False\nfinally: ctypes.pythonapi.PyErr_Clear()',
    ],
    ['toJSON of every object', `${object}O.prototype.toJSON = lambda *a: to_js("passed")\nassert False`],
    [
      'a getter named kind',
      `${object}O.defineProperty(O.prototype, "kind", to_js({"value": "passed"}, dict_converter=O.fromEntries))\nassert False`,
    ],
    [
      'push of every array',
      'from pyodide.ffi import to_js\nto_js([1]).constructor.prototype.push = len\nassert False',
    ],
    [
      'an async task',
      'import asyncio\nasync def f(): raise SystemExit(0)\nasyncio.ensure_future(f())\nassert False',
    ],
    [
      'a signal to itself',
      'import signal, os\nsignal.raise_signal(9)\nos.kill(os.getpid(), 9)\nassert False',
    ],
  ])('%s', async (_name, program) => {
    const { verdict, ms } = await ended(program);
    expect(verdict.kind).toBe('failed');
    expect(ms).toBeLessThan(limits.timeLimitMs + 2_000);
    await poolWorks();
  });
});

describe('no program finds what another left', () => {
  it.each<[string, string, string]>([
    [
      'builtins',
      'import builtins\nbuiltins.len = lambda x: 7\nbuiltins.__import__ = None',
      'assert len([]) == 0\nimport math',
    ],
    [
      'modules',
      'import sys, math\nmath.gcd = None\nsys.modules["json"] = None',
      'import json, math\nassert math.gcd(4, 6) == 2',
    ],
    [
      'attributes of types',
      'import ctypes\nd = ctypes.pythonapi.PyType_GetDict\nd.restype = ctypes.py_object\nd.argtypes = [ctypes.py_object]\nd(int)["poisoned"] = 1',
      'assert not hasattr(int, "poisoned")',
    ],
    [
      'files',
      'for d in ("/tmp", "/home", "/"):\n open(d.rstrip("/") + "/left", "w").write("x")',
      'import os\nassert not any(os.path.exists(d + "/left") for d in ("", "/tmp", "/home"))',
    ],
    [
      'the standard library',
      'import glob\nopen("/lib/python314.zip", "ab").write(b"x")',
      'import zipfile\nassert zipfile.ZipFile("/lib/python314.zip").testzip() is None',
    ],
    [
      'the environment and the folder',
      'import os\nos.environ["LEFT"] = "x"\nos.chdir("/tmp")',
      'import os\nassert "LEFT" not in os.environ and os.getcwd() != "/tmp"',
    ],
    [
      'the random state',
      'import random\nrandom.seed(5)\nrandom.random()',
      'import random\na = random.random()\nrandom.seed(5)\nrandom.random()\nassert a != random.random()',
    ],
    ['limits', 'import sys\nsys.setrecursionlimit(50)', 'import sys\nassert sys.getrecursionlimit() > 500'],
  ])('%s', async (_name, poison, next) => {
    const [first, second] = await Promise.all([pool.run(`${poison}\n`), pool.run(`${next}\n`)]);
    expect(first).toMatchObject({ kind: 'passed' });
    expect(second).toMatchObject({ kind: 'passed' });
    await poolWorks();
  });
});
