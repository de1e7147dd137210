// @ts-check
/**
 * The locked child process of src/sandbox: reads its settings from stdin, locks the process down, starts a fresh
 * Python interpreter (pyodide), says that it is ready, waits without computing for one task, does it, says how it
 * ended, and ends. Plain JavaScript, because it is started as it is, from the source tree and from the built
 * package alike. The protocol (one JSON object a line, both ways) is that of src/sandbox/interpreter.ts.
 *
 * The parent closes what Node can close (empty environment, permission model, no code from strings, network
 * namespace where there is one, CPU limit, kill timer). Here follows what only the process itself can: the
 * network modules, `process.binding`, the memory limit, and the way from Python to JavaScript.
 */
import childProcess from 'node:child_process';
import cluster from 'node:cluster';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import workerThreads from 'node:worker_threads';

/**
 * @typedef {{ mode: 'serve' | 'snapshot', pyodideDir: string, snapshotPath: string | null,
 *   memoryBytes: number }} Settings
 * @typedef {{ kind: 'run', token: string, program: string, sentinel: string } |
 *   { kind: 'evaluate', token: string, source: string, input: string }} Task
 */

/** Imported before the snapshot is taken, because test programs ask for them and imports are slow in wasm. */
const PRELOADED =
  'import ast, bisect, collections, copy, datetime, functools, hashlib, heapq, itertools, json, math, ' +
  'operator, random, re, string, sys, traceback, typing';

/**
 * Does a task in a namespace of its own and says how it ended: "passed", "value TEXT", or a kind and one line. A
 * program can reach these functions (frames, gc), so that "passed" and "value " are said only where control comes
 * back in the ordinary way: nothing that a program can replace stands between its exception and "failed ".
 */
const HARNESS = `
def _make_tasks():
    import sys, traceback
    run_compiled, compile_source = exec, compile

    def describe(error):
        try:
            text = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
        except BaseException:
            text = type(error).__name__
        return text[:300]

    def run(program, sentinel):
        namespace = {}
        # The last statement sets a name that the program cannot guess: an early end does not set it.
        try:
            run_compiled(compile_source(program + "\\n" + sentinel + " = True\\n", "<program>", "exec"), namespace)
        except MemoryError as error:
            return f"out-of-memory {describe(error)}"
        except SystemExit as error:
            return f"failed the program ended early: {describe(error)}"
        except BaseException as error:
            return f"failed {describe(error)}"
        if namespace.get(sentinel) is not True:
            return "failed the program ended before its last statement"
        return "passed"

    def evaluate(source, text):
        namespace = {}
        try:
            run_compiled(compile_source(source, "<source>", "exec"), namespace)
            result = namespace["main"](text)
        except MemoryError as error:
            return f"out-of-memory {describe(error)}"
        except BaseException as error:
            return f"failed {describe(error)}"
        if type(result) is not str:
            return f"failed main gave {type(result).__name__}, not str"
        return f"value {result}"

    # A start without a snapshot would take another seed every time.
    import random
    random.seed(0)

    # A trace function may move a frame to another line, behind the assertions.
    def refuse(*arguments):
        raise RuntimeError("sandbox: tracing is closed")
    sys.settrace = sys.setprofile = refuse

    return {"run": run, "evaluate": evaluate}

_make_tasks()
`;

/** Takes Python's handles on JavaScript away; what stays reachable is closed by the process itself. */
const DETACH = `
def _detach():
    import sys
    from _pyodide._importhook import jsfinder
    for name in ("js", "pyodide_js"):
        jsfinder.jsproxies.pop(name, None)
        for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
            del sys.modules[module]

_detach()
`;

/** @param {string} what @returns {() => never} */
function refuse(what) {
  return () => {
    throw new Error(`sandbox: ${what} is closed`);
  };
}

/** @param {object} holder @param {string} name @param {unknown} value */
function pin(holder, name, value) {
  Object.defineProperty(holder, name, { value, writable: false, configurable: false });
}

/** Every way to the network; the permission model of Node 20 has no switch for it. */
function closeNetwork() {
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel']) {
    Reflect.deleteProperty(globalThis, name);
  }
  const closed = refuse('the network');
  /** @type {[any, string[]][]} */
  const ways = [
    [net.Socket.prototype, ['connect']],
    [net.Server.prototype, ['listen']],
    [net, ['connect', 'createConnection', 'createServer', 'Server']],
    [tls, ['connect', 'createServer']],
    [http, ['request', 'get', 'createServer']],
    [https, ['request', 'get', 'createServer']],
    [http2, ['connect', 'createServer', 'createSecureServer']],
    [dgram, ['createSocket']],
    [dgram.Socket.prototype, ['bind', 'connect', 'send']],
    [dns, Object.keys(dns).filter((name) => typeof (/** @type {any} */ (dns)[name]) === 'function')],
    [dns.promises, Object.keys(dns.promises)],
  ];
  for (const [holder, names] of ways) for (const name of names) pin(holder, name, closed);
}

/** Other processes and threads: closed by the permission model, and once more here. */
function closeProcesses() {
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
    pin(childProcess, name, refuse('starting a process'));
  }
  pin(workerThreads, 'Worker', refuse('starting a thread'));
  pin(cluster, 'fork', refuse('starting a process'));
}

/** Listing folders: Node 20 lets the root folder be listed whatever the permissions say. */
function closeFolders() {
  for (const name of ['readdir', 'readdirSync', 'opendir', 'opendirSync']) {
    pin(fs, name, refuse('listing folders'));
    if (name in fs.promises) pin(fs.promises, name, refuse('listing folders'));
  }
}

/** What a JavaScript object that Python gets hold of could do to the process. */
function closeProcess() {
  // Emscripten's NODEFS wants the constants to start; the permission model forbids the real binding.
  const binding = (/** @type {string} */ name) => {
    if (name === 'constants') return { fs: fs.constants };
    throw new Error('sandbox: process.binding is closed');
  };
  for (const [name, value] of Object.entries({
    binding,
    _linkedBinding: refuse('process._linkedBinding'),
    dlopen: refuse('process.dlopen'),
    kill: refuse('process.kill'),
    _kill: refuse('process._kill'),
    chdir: refuse('process.chdir'),
    setuid: refuse('process.setuid'),
    getBuiltinModule: refuse('process.getBuiltinModule'),
  })) {
    pin(process, name, value);
  }
}

/** @param {number} memoryBytes */
function capMemory(memoryBytes) {
  const grow = WebAssembly.Memory.prototype.grow;
  pin(WebAssembly.Memory.prototype, 'grow', function capped(/** @type {number} */ pages) {
    // Emscripten takes the exception for a failed allocation, and Python raises MemoryError.
    if (this.buffer.byteLength + pages * 65536 > memoryBytes) throw new RangeError('sandbox: memory limit');
    return grow.call(this, pages);
  });
}

/**
 * Freezes the constructors and prototypes of the language: Python can reach them through any JavaScript object, and
 * a changed prototype could speak for the sandbox.
 */
function freezeLanguage() {
  const seen = new Set();
  /** @param {unknown} value */
  const freeze = (value) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value))
      return;
    seen.add(value);
    Object.freeze(value);
    const holder = /** @type {object} */ (value);
    freeze(Object.getPrototypeOf(holder));
    for (const property of Object.values(Object.getOwnPropertyDescriptors(holder))) {
      freeze(property.value);
      freeze(property.get);
      freeze(property.set);
    }
  };
  for (const value of [
    Object,
    Function,
    Array,
    String,
    Number,
    Boolean,
    Symbol,
    BigInt,
    Date,
    RegExp,
    Map,
    Set,
  ]) {
    freeze(value);
  }
  for (const value of [
    WeakMap,
    WeakSet,
    WeakRef,
    Promise,
    Proxy,
    Error,
    TypeError,
    RangeError,
    SyntaxError,
  ]) {
    freeze(value);
  }
  for (const value of [ReferenceError, EvalError, URIError, AggregateError, JSON, Reflect, Math, Atomics])
    freeze(value);
  for (const value of [ArrayBuffer, SharedArrayBuffer, DataView, Int8Array, Uint8Array, Uint8ClampedArray]) {
    freeze(value);
  }
  for (const value of [Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array])
    freeze(value);
  for (const value of [BigInt64Array, BigUint64Array, FinalizationRegistry, WebAssembly]) freeze(value);
  freeze(Object.getPrototypeOf(async () => {}));
  freeze(Object.getPrototypeOf(function* () {}));
  freeze(Object.getPrototypeOf(async function* () {}));
}

const { writeSync, readSync } = fs;
const { stringify } = JSON;

/** One line of the protocol. @param {object} message */
function say(message) {
  let bytes = Buffer.from(`${stringify(message)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
}

let heard = Buffer.alloc(0);

/** The next line of stdin, waited for without computing; the process ends where the parent did. */
function hear() {
  for (;;) {
    const end = heard.indexOf(10);
    if (end >= 0) {
      const line = heard.toString('utf8', 0, end);
      heard = heard.subarray(end + 1);
      return JSON.parse(line);
    }
    const chunk = Buffer.alloc(65536);
    const read = readSync(0, chunk, 0, chunk.length, null);
    if (read === 0) process.exit(0);
    heard = Buffer.concat([heard, chunk.subarray(0, read)]);
  }
}

/** @type {Settings} */
const settings = hear();
// Most programs end before optimised code of the interpreter pays for its compilation.
v8.setFlagsFromString('--wasm-tiering-budget=100000000');
// Emscripten shows the first argument to Python as the program's name.
process.argv = ['node', 'python'];
closeNetwork();
closeProcesses();
closeFolders();
closeProcess();
capMemory(settings.memoryBytes);
syncBuiltinESMExports();

const { loadPyodide } = await import(pathToFileURL(`${settings.pyodideDir}/pyodide.mjs`).href);
const python = await loadPyodide({
  indexURL: `${settings.pyodideDir}/`,
  jsglobals: Object.create(null),
  // A fixed hash seed: the same program gives the same verdict.
  env: { HOME: '/home', LANG: 'C.UTF-8', PYTHONHASHSEED: '0' },
  stdin: refuse('stdin'),
  stdout: () => {},
  stderr: () => {},
  ...(settings.mode === 'snapshot' ? { _makeSnapshot: true } : {}),
  ...(settings.snapshotPath === null ? {} : { _loadSnapshot: fs.readFileSync(settings.snapshotPath) }),
});

if (settings.mode === 'snapshot') {
  python.runPython(PRELOADED);
  await new Promise((resolve) => process.stdout.write(python.makeMemorySnapshot(), resolve));
} else {
  python.setStdin({ error: true });
  python.setStdout({ write: (/** @type {Uint8Array} */ bytes) => bytes.length });
  python.setStderr({ write: (/** @type {Uint8Array} */ bytes) => bytes.length });
  const tasks = python.runPython(HARNESS);
  const [run, evaluate] = [tasks.get('run'), tasks.get('evaluate')];
  python.runPython(DETACH);
  freezeLanguage();
  say({ kind: 'ready' });
  // A program is the last task; source of ours may be followed by another.
  for (let isLast = false; !isLast; ) {
    /** @type {Task} */
    const task = hear();
    isLast = task.kind === 'run';
    const start = performance.now();
    let outcome;
    try {
      outcome = task.kind === 'run' ? run(task.program, task.sentinel) : evaluate(task.source, task.input);
    } catch (error) {
      const message = String(error instanceof Error ? error.message : error);
      outcome = `failed the interpreter stopped: ${message}`.slice(0, 300);
    }
    const elapsedMs = performance.now() - start;
    const parts = /^(passed|value|failed|out-of-memory)(?: ([\s\S]*))?$/.exec(String(outcome));
    say({ token: task.token, kind: parts?.[1] ?? 'failed', detail: parts?.[2] ?? '', elapsedMs });
  }
}
process.exit(0);
