import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPythonRunner } from '../../src/sandbox/runner.js';
import { SnapshotCache } from '../../src/sandbox/snapshot.js';
import { sanitise, withoutFences } from '../../src/scoring/filters/sanitise.js';

const python = createPythonRunner({
  limits: { timeLimitMs: 20_000, memoryBytes: 256 * 2 ** 20 },
  snapshots: new SnapshotCache(join(tmpdir(), 'repro-test-sandbox')),
  concurrency: 2,
});

const stub = 'def f(x):\n    """ Doc. """\n';

async function sanitised(text: string, prompt = stub): Promise<string> {
  const value = await sanitise({ prompt, entryPoint: 'f' }, text, python);
  if (value.kind !== 'value') throw new Error(`${value.kind}: ${value.detail}`);
  return value.text;
}

describe('fences', () => {
  it.each([
    ['a\n```python\nb\n```\nc', 'b\n'],
    ['a\n```python\nb', 'b'],
    ['a\n```\nb\n```', 'a\n'],
    ['```py\nb\n```', ''],
    ['a```python\nb\n```python\nc\n```', 'b\n'],
    ['a', 'a'],
  ])('%j leaves %j', (text, left) => {
    expect(withoutFences(text)).toBe(left);
  });
});

describe('the sanitiser', () => {
  it.each<[string, string, string]>([
    ['a bare body completes the stub', '    return x\n', 'def f(x):\n    """ Doc. """\n    return x'],
    [
      'an answer with the whole function drops the stub',
      'def f(y):\n    return y\n',
      'def f(y):\n    return y',
    ],
    [
      'what follows the body is dropped with what nothing reaches',
      '    return x # comment\n\ndef g():\n    return 2\n\nprint(f(1))\n',
      'def f(x):\n    """ Doc. """\n    return x',
    ],
    [
      'a later definition stands in the place of the earlier one',
      'def f(x):\n    return g(x)\ndef g(x):\n    return 1\nf = 5\ndef f(x):\n    return g(x) + 1\n',
      'def f(x):\n    return g(x) + 1\ndef g(x):\n    return 1',
    ],
    [
      'imports come first, all of them, doubles too',
      'def f(x):\n    return x\nimport os, sys as s\nfrom a.b import *\nimport os, sys as s\n',
      'import os, sys as s\nfrom a.b import *\nimport os, sys as s\ndef f(x):\n    return x',
    ],
    [
      'only a function that returns is kept, also where it returns inside another one',
      'def f(x):\n    h(x)\n    return g(x)\ndef h(x):\n    x.clear()\ndef g(x):\n    def k():\n        return 1\n',
      'def f(x):\n    h(x)\n    return g(x)\ndef g(x):\n\n    def k():\n        return 1',
    ],
    [
      'classes and assignments are kept where they are reached, annotated and unpacked ones are not',
      'class C:\n    n = N\nN = 1\nM: int = 2\na, b = 3, 4\nP = Q = 5\nasync def g():\n    return 1\n' +
        'def f(x):\n    return C, M, a, P, Q, g\n',
      'class C:\n    n = N\nN = 1\nP = Q = 5\ndef f(x):\n    return (C, M, a, P, Q, g)',
    ],
    [
      'an attribute counts by its last name, and what it is taken from does not',
      'def m():\n    return 1\nbase = 2\nclass D:\n    pass\ndef f(x):\n    return base.m + D().k(base)\n',
      'def m():\n    return 1\nbase = 2\ndef f(x):\n    return base.m + D().k(base)',
    ],
    [
      'tabs are four spaces and CR is a line end',
      'def f(x):\r\n\tif x:\r\t\treturn 1\r\n    \treturn 2',
      'def f(x):\n    if x:\n        return 1\n        return 2',
    ],
    [
      'prose around is no part of it',
      'Here it is:\n\ndef f(x):\n    return 3\n\nIt returns three.\n',
      'def f(x):\n    return 3',
    ],
    ['of two ranges of one length the earlier is taken', 'f = 1\n\n)\n\nf = 2\n', 'f = 1'],
    ['the longer range is taken where it stands', 'f = 1\n)\ng = 3\nf = g\n', 'g = 3\nf = g'],
    ['blank lines do not make a range longer', 'f = 1\n\n\n\n\n)\nf = 2\ng = 3\n', 'f = 2'],
    ['a range may start with an indented comment', '  # note\nf = 2\n)', 'f = 2'],
  ])('%s', async (_name, text, expected) => {
    const bare = text.startsWith(' ') && text.includes('return');
    // Without the stub in front unless the case is about it.
    expect(await sanitised(text, bare || expected === 'def f(y):\n    return y' ? stub : '')).toBe(expected);
  });

  it('looks at the first 100 lines only', async () => {
    const lines = Array.from({ length: 98 }, (_, i) => `x${i} = ${i}`);
    const inside = [...lines, 'f = 1', 'f = 2', 'f = 3'].join('\n');
    expect(await sanitised(inside, '')).toBe('f = 2');
  });

  it.each([
    ['prose', 'This is (no program, at all.\n'.repeat(100)],
    ['lines that parse one by one only', Array.from({ length: 100 }, (_, i) => `x${i}`).join('\n)\n')],
    ['an indented wall', '        return 1\n'.repeat(100)],
    ['many open brackets', '(((((\n'.repeat(100)],
    ['deep nesting', `f = ${'('.repeat(150)}1${')'.repeat(150)}\n)\nf = 1\n`],
    ['a NUL', 'f = 1\n\0\n'],
    ['a page', `${'if x:\n    y = [1, 2, 3, 4, 5, 6, 7]\n'.repeat(49)}and then\n`],
  ])('comes to an end on %s', async (_name, text) => {
    const value = await sanitise({ prompt: '', entryPoint: 'f' }, text, python);
    expect(value.kind).toBe('value');
    expect(value.elapsedMs).toBeLessThan(15_000);
  });

  it('says nothing where nothing parses', async () => {
    expect(await sanitised('Sorry, I can not.', '')).toBe('');
  });
});
