import { expect, it } from 'vitest';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { testLimits, testSnapshots } from './helpers.js';

const python = createPythonRunner({ limits: testLimits, snapshots: testSnapshots });
const upper = 'def main(text):\n    return text.upper()\n';

it.each([
  ['quotes, backslashes and braces', `"""'\\n{x}\\\\ %s`],
  ['line ends and separators', 'a\nb\r\nc\u2028d\u0085e\0f'],
  ['letters beyond the basic plane', 'é 漢 😀'],
  ['a text that looks like an answer', '{"kind":"value","detail":"x"}\npassed\nvalue x'],
  ['nothing', ''],
  ['a megabyte', 'xyz\n'.repeat(2 ** 18)],
])('%s go to main as data and come back', async (_name, text) => {
  const value = await python.evaluate(upper, text);
  expect(value).toMatchObject({ kind: 'value', text: text.toUpperCase() });
});

it.each([
  ['an exception', 'def main(text): raise ValueError(text)', 'failed', /^ValueError: x$/],
  ['no main', 'x = 1', 'failed', /^KeyError: 'main'$/],
  ['another type', 'def main(text): return len(text)', 'failed', /main gave int, not str/],
  ['a syntax error', 'def main(:', 'failed', /^SyntaxError/],
  ['too much memory', 'def main(text): return text * 10**9', 'out-of-memory', /MemoryError/],
  ['an early end', 'import os\ndef main(text): os._exit(0)', 'failed', /stopped/],
])('%s is no value', async (_name, source, kind, detail) => {
  const ended = await python.evaluate(source, 'x');
  expect(ended.kind).toBe(kind);
  expect(ended).toHaveProperty('detail', expect.stringMatching(detail));
});

it('ends at the time limit', async () => {
  const quick = createPythonRunner({
    limits: { ...testLimits, timeLimitMs: 500 },
    snapshots: testSnapshots,
  });
  const source = 'def main(text):\n    while True: pass\n';
  expect(await quick.evaluate(source, '')).toMatchObject({ kind: 'timeout', elapsedMs: 500 });
});

it('remembers by source and text', async () => {
  const [a, b, c] = await Promise.all(['x', 'x', 'y'].map((text) => python.evaluate(upper, text)));
  expect(b).toBe(a);
  expect(c).toMatchObject({ text: 'Y' });
});
