import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childScript, pyodideFolder } from '../../src/sandbox/pyodide.js';
import { run } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'repro-escape-'));
const trace = join(folder, 'trace');
const secretPath = join(folder, 'secret');
const secret = 'the-secret-of-the-host';
let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  writeFileSync(secretPath, secret);
  process.env.REPRO_TEST_SECRET = secret;
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});

afterAll(() => {
  server.close();
  delete process.env.REPRO_TEST_SECRET;
});

/** Runs a probe that raises what it found; it must fail for the reason given, leaving no trace. */
async function refused(program: string, reason: RegExp, script?: string) {
  const verdict = await run(program, {}, script);
  expect(verdict.kind).toBe('failed');
  expect(verdict.detail).toMatch(reason);
  expect(verdict.detail).not.toContain(secret);
  expect(existsSync(trace)).toBe(false);
  expect(connections).toBe(0);
}

const q = JSON.stringify;

describe('from Python', () => {
  it.each<[string, () => string, RegExp]>([
    ['os.system', () => `import os\nos.system(${q(`echo x > ${trace}`)})`, /starting a process is closed/],
    [
      'libc system',
      () => `import ctypes\nctypes.CDLL(None).system(b"id > ${trace}")`,
      /starting a process is closed/,
    ],
    [
      'subprocess',
      () => `import subprocess\nsubprocess.run(["touch", ${q(trace)}])`,
      /does not support processes/,
    ],
    ['os.fork', () => 'import os\nos.fork()', /not implemented/],
    ['os.execv', () => `import os\nos.execv("/bin/sh", ["sh", "-c", "touch ${trace}"])`, /Exec format error/],
    ['os.kill', () => `import os\nos.kill(${process.pid}, 9)`, /not permitted/],
    ['a thread', () => 'import threading\nthreading.Thread(target=print).start()', /can't start new thread/],
    ['reading a host file', () => `raise Exception(open(${q(secretPath)}).read())`, /No such file/],
    ['reading the child script', () => `raise Exception(open(${q(childScript)}).read())`, /No such file/],
    ['listing the host', () => 'import os\nraise Exception("etc" in os.listdir("/"))', /^Exception: False$/],
    [
      'the environment',
      () => 'import os\nraise Exception(str([k for k in os.environ if k.startswith(("REPRO", "npm"))]))',
      /^Exception: \[\]$/,
    ],
    [
      'a socket',
      () => `import socket\nsocket.create_connection(("127.0.0.1", ${port}))`,
      /unreachable|closed/,
    ],
    [
      'urllib',
      () => `import urllib.request as u\nu.urlopen("http://127.0.0.1:${port}/")`,
      /unreachable|closed/,
    ],
    [
      'pyodide.http',
      () => `import pyodide.http as h\nh.open_url("http://127.0.0.1:${port}/")`,
      /XMLHttpRequest/,
    ],
    // Emscripten answers look-ups itself, with made-up addresses in 172.29.
    [
      'name look-up',
      () => 'import socket\nraise Exception(socket.gethostbyname("localhost"))',
      /: 172\.29\./,
    ],
    ['the js module', () => 'import js\nraise Exception(js.process)', /No module named 'js'/],
    ['run_js', () => 'from pyodide.code import run_js\nrun_js("process.exit(0)")', /No module named 'js'/],
    [
      'mountNodeFS',
      () => 'import pyodide_js\npyodide_js.mountNodeFS("/host", "/etc")',
      /No module named 'pyodide_js'/,
    ],
    [
      'the Function constructor by a proxy',
      () =>
        'from pyodide.ffi import to_js\nraise Exception(to_js([1]).constructor.constructor("return process")())',
      /Code generation from strings/,
    ],
    [
      'emscripten_run_script',
      () => 'import ctypes\nctypes.CDLL(None).emscripten_run_script(b"process.exit(0)")',
      /Code generation from strings/,
    ],
  ])('%s is refused', async (_name, program, reason) => {
    await refused(program(), reason);
  });
});

/** The child with something else in the place where it takes Python's handles on JavaScript away. */
function variant(name: string, replacement: string): string {
  const source = readFileSync(childScript, 'utf8');
  const changed = source.replace('  python.runPython(DETACH);\n', () => `${replacement}\n`);
  expect(changed).not.toBe(source);
  const path = join(folder, name);
  writeFileSync(path, changed);
  return path;
}

describe('with the JavaScript handles left in Python', () => {
  it.each<[string, () => string, RegExp, string?]>([
    ['the js module is empty', () => 'import js\nraise Exception(js.process)', /^AttributeError: process/],
    ['run_js has no eval', () => 'from pyodide.code import run_js\nrun_js("1")', /cannot import name 'eval'/],
    [
      'no folder of the host can be mounted',
      () => `import pyodide_js\npyodide_js.mountNodeFS("/host", ${q(folder)})`,
      /does not exist/,
    ],
    [
      'nothing can be deleted where reading is allowed',
      () =>
        `import pyodide_js, os\npyodide_js.mountNodeFS("/host", ${q(pyodideFolder())})\n` +
        'assert os.path.exists("/host/README.md")\nos.unlink("/host/README.md")\n' +
        'raise Exception(os.path.exists("/host/README.md"))',
      /^Exception: True$|Error/,
    ],
    [
      'nothing can be written where reading is allowed',
      () =>
        `import pyodide_js\npyodide_js.mountNodeFS("/host", ${q(pyodideFolder())})\n` +
        'with open("/host/left-by-a-probe", "w") as file: file.write("x")',
      /^OSError/,
    ],
    [
      "Node's sockets under Python's reach nothing",
      () => `import socket\nsocket.create_connection(("127.0.0.1", ${port}), timeout=5).send(b"x")`,
      /^OSError/,
      'await python._api.initializeNodeSockFS();',
    ],
  ])('%s', async (_name, program, reason, replacement = '') => {
    await refused(program(), reason, variant('handles.mjs', replacement));
  });
});

it('probes leave the interpreter as it was', () => {
  expect(existsSync(join(pyodideFolder(), 'README.md'))).toBe(true);
  expect(existsSync(join(pyodideFolder(), 'left-by-a-probe'))).toBe(false);
});

describe('from JavaScript, should Python ever reach it', () => {
  /** Each runs inside the child, behind its bolts; the answer is what it said or threw. */
  const probes: Record<string, [code: string, reason: RegExp]> = {
    'reading a file': [`fs.readFileSync(${q(secretPath)}, 'utf8')`, /restricted/],
    'writing a file': [`fs.writeFileSync(${q(trace)}, 'x')`, /restricted/],
    'deleting a file': [`fs.rmSync(${q(secretPath)})`, /restricted/],
    'listing the root folder': ["fs.readdirSync('/')", /listing folders is closed/],
    'looking at a folder': [`fs.statSync(${q(folder)})`, /restricted/],
    'loadBinaryFile of pyodide': [`await python._api.loadBinaryFile(${q(secretPath)})`, /restricted/],
    'a process': ["childProcess.execFileSync('/bin/id')", /starting a process is closed/],
    'a process by import': ["(await import('node:child_process')).spawnSync('/bin/id')", /is closed/],
    'a thread': ["new workerThreads.Worker('1', { eval: true })", /closed|not a constructor/],
    'a connection': ['net.connect(1, "127.0.0.1")', /network is closed/],
    'a bare socket': ['new net.Socket().connect(1, "127.0.0.1")', /network is closed/],
    'a named import of connect': ["(await import('node:net')).connect(1)", /network is closed/],
    'an HTTP request': ["http.get('http://127.0.0.1/')", /network is closed/],
    'a datagram': ["dgram.createSocket('udp4')", /network is closed/],
    'a name look-up': ["dns.lookup('localhost', () => {})", /network is closed/],
    fetch: ["fetch('http://127.0.0.1/')", /fetch is not defined/],
    eval: ["eval('1')", /Code generation from strings/],
    Function: ["new Function('return 1')()", /Code generation from strings/],
    'process.binding': ["process.binding('spawn_sync')", /process.binding is closed/],
    'process.kill': ['process.kill(1, 9)', /process.kill is closed/],
    'process.dlopen': ["process.dlopen({}, '/x.node')", /process.dlopen is closed/],
    'the environment': ['JSON.stringify(Object.keys(process.env))', /^\["PWD"|^\[/],
    'undoing the memory cap': ['WebAssembly.Memory.prototype.grow = () => 0', /read only|Cannot assign/],
  };
  const answers: Record<string, string> = {};

  beforeAll(async () => {
    const asked = Object.entries(probes).map(
      ([name, [code]]) => `[${q(name)}, async () => ${code.startsWith('await') ? `(${code})` : code}]`,
    );
    const ask =
      `const said = {};\nfor (const [name, probe] of [${asked.join(',\n')}]) {\n` +
      '  try { said[name] = String(await probe()); } catch (error) { said[name] = String(error.message); }\n}\n' +
      "say({ kind: 'ready' });\nconst { token } = hear();\n" +
      "say({ token, kind: 'failed', detail: JSON.stringify(said), elapsedMs: 0 });\nprocess.exit(0);";
    const { detail } = await run('', {}, variant('javascript.mjs', ask));
    Object.assign(answers, JSON.parse(detail));
  });

  it.each(Object.entries(probes))('%s is refused', (name, [, reason]) => {
    expect(answers[name]).toMatch(reason);
    expect(answers[name]).not.toContain(secret);
    expect(existsSync(trace)).toBe(false);
    expect(existsSync(secretPath)).toBe(true);
  });

  it('the environment holds nothing of ours', () => {
    expect(answers['the environment']).not.toMatch(/REPRO|HOME|PATH|npm/);
  });
});
