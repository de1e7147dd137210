// @ts-check
/**
 * The locked child process of src/sandbox: reads one job from stdin, locks the process down, starts a fresh
 * Python interpreter (pyodide) and runs one program in it. Plain JavaScript, because it is started as it is,
 * from the source tree and from the built package alike.
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
import workerThreads from 'node:worker_threads';

/**
 * @typedef {{ mode: 'run' | 'snapshot', pyodideDir: string, snapshotPath: string | null,
 *   memoryBytes: number, program: string, sentinel: string }} Job
 */

/** Imported before the snapshot is taken, because test programs ask for them and imports are slow in wasm. */
const PRELOADED =
  'import bisect, collections, copy, datetime, functools, hashlib, heapq, itertools, json, math, operator, ' +
  'random, re, string, sys, traceback, typing';

/** Runs a program in a namespace of its own and says how it ended: [kind, detail]. */
const HARNESS = `
def _make_run():
    import builtins, sys, traceback
    run_compiled, compile_source, make_list = exec, compile, list

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
            return make_list(("out-of-memory", describe(error)))
        except SystemExit as error:
            return make_list(("failed", "the program ended early: " + describe(error)))
        except BaseException as error:
            return make_list(("failed", describe(error)))
        if namespace.get(sentinel) is not True:
            return make_list(("failed", "the program ended before its last statement"))
        return make_list(("passed", ""))

    return run

_make_run()
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

/** One line of the protocol. @param {object} message */
function say(message) {
  fs.writeSync(1, `${JSON.stringify(message)}\n`);
}

/** @type {Job} */
const job = JSON.parse(fs.readFileSync(0, 'utf8'));
// Emscripten shows the first argument to Python as the program's name.
process.argv = ['node', 'python'];
closeNetwork();
closeProcesses();
closeFolders();
closeProcess();
capMemory(job.memoryBytes);
syncBuiltinESMExports();

const { loadPyodide } = await import(pathToFileURL(`${job.pyodideDir}/pyodide.mjs`).href);
const python = await loadPyodide({
  indexURL: `${job.pyodideDir}/`,
  jsglobals: Object.create(null),
  // A fixed hash seed: the same program gives the same verdict.
  env: { HOME: '/home', LANG: 'C.UTF-8', PYTHONHASHSEED: '0' },
  stdin: refuse('stdin'),
  stdout: () => {},
  stderr: () => {},
  ...(job.mode === 'snapshot' ? { _makeSnapshot: true } : {}),
  ...(job.snapshotPath === null ? {} : { _loadSnapshot: fs.readFileSync(job.snapshotPath) }),
});

if (job.mode === 'snapshot') {
  python.runPython(PRELOADED);
  await new Promise((resolve) => process.stdout.write(python.makeMemorySnapshot(), resolve));
} else {
  python.setStdin({ error: true });
  python.setStdout({ write: (/** @type {Uint8Array} */ bytes) => bytes.length });
  python.setStderr({ write: (/** @type {Uint8Array} */ bytes) => bytes.length });
  const run = python.runPython(HARNESS);
  python.runPython(DETACH);
  say({ kind: 'ready' });
  const start = performance.now();
  /** @type {[string, string]} */
  let ended;
  try {
    const list = run(job.program, job.sentinel);
    ended = [String(list.get(0)), String(list.get(1))];
  } catch (error) {
    ended = [
      'failed',
      `the interpreter stopped: ${String(error instanceof Error ? error.message : error)}`.slice(0, 300),
    ];
  }
  say({ kind: ended[0], detail: ended[1], elapsedMs: performance.now() - start });
}
process.exit(0);
