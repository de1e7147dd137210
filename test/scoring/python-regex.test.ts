import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { PythonRegex, pythonRegex } from '../../src/scoring/python-regex.js';
import { scorerSpec } from '../../src/scoring/spec.js';

/** Pattern and flags; then, unless Python refuses the pattern, a text and what findall gives. */
type Vector = [string, string] | [string, string, string, (string | string[])[]];

const file: { python: string; caseless: string[]; pairs: string; vectors: Vector[] } = JSON.parse(
  readFileSync(
    process.env.REPRO_REGEX_VECTORS ?? new URL('../fixtures/python-regex-vectors.json', import.meta.url),
    'utf8',
  ),
);
/** What we refuse although Python takes it. */
const unsupported = /not supported/;

function attempt(source: string, flags: string): PythonRegex | string {
  try {
    return new PythonRegex(source, flags);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

describe(`vectors of Python ${file.python}`, () => {
  const taken = file.vectors.filter((vector) => vector.length === 4);
  const refused = file.vectors.filter((vector) => vector.length === 2);

  it('are many', () => {
    expect(taken.length).toBeGreaterThan(250);
    expect(refused.length).toBeGreaterThan(50);
  });

  it('give the same findall, or are refused as not supported', () => {
    const wrong: unknown[] = [];
    let skipped = 0;
    for (const [source, flags, text, expected] of taken) {
      const regex = attempt(source, flags);
      if (typeof regex === 'string') {
        if (!unsupported.test(regex)) wrong.push({ source, regex });
        skipped += 1;
        continue;
      }
      const found = regex.findAll(text);
      if (JSON.stringify(found) !== JSON.stringify(expected))
        wrong.push({ source, flags, text, expected, found });
    }
    expect(wrong).toEqual([]);
    expect(skipped).toBeLessThan(taken.length / 10);
  });

  it('are refused where Python refuses', () => {
    const accepted = refused.filter(([source, flags]) => typeof attempt(source, flags) !== 'string');
    expect(accepted).toEqual([]);
  });

  it('agree on what is equal but for case', () => {
    const pairs = [...file.pairs];
    const groups = [
      ...file.caseless.map((group) => [...group]),
      ...pairs.flatMap((first, i) => (i % 2 === 0 ? [[first, pairs[i + 1]!]] : [])),
    ];
    expect(groups.length).toBeGreaterThan(1000);
    const all = groups.flat().join('');
    const wrong = groups.filter((group) => {
      const others = group.map((character) => new PythonRegex(character, 'i').findAll(all).join(''));
      return others.some((found) => found !== group.join(''));
    });
    expect(wrong).toEqual([]);
  });
});

describe('PythonRegex', () => {
  it.each([
    ['(?>a)', 'atomic groups are not supported (use "(?:") at character 0'],
    ['(?(1)a|b)', 'conditional groups are not supported (use "|") at character 0'],
    ['(?P>x)', '"(?P>" opens no group at character 0'],
    ['(?', '"(?" opens no group at character 0'],
    ['a*+', 'possessive quantifiers are not supported at character 1'],
    ['(?x)a', 'the flag x is not supported (i, m, s and u are) at character 0'],
    ['(?a:\\w)', 'the flag a is not supported (i, m, s and u are) at character 0'],
    ['\\N{DASH}', '\\N{...} is not supported here (write \\u or \\U with the code) at character 0'],
    ['(a|b*)+', 'a repeat of what may be empty is not supported at character 6'],
    ['(?:(a)|b)+', 'a repeat around a group that may be left out is not supported at character 9'],
    ['(a)?\\1', 'a reference to a group that may be left out is not supported at character 4'],
    ['(?i)(a)\\1', 'a reference to a group where case is ignored is not supported at character 7'],
    ['(?<=(a))b', 'a group in a look-behind is not supported (use "(?:") at character 4'],
    ['\u{1F600}(', 'a ( that is never closed at character 1'],
    ['x{2,1}', 'the least number of repeats is above the greatest at character 1'],
  ])('refuses %j in one sentence', (source, reason) => {
    expect(() => new PythonRegex(source)).toThrow(
      new UsageError('PATTERN', `the Python pattern ${JSON.stringify(source)} cannot be used: ${reason}`),
    );
  });

  it('gives a JavaScript expression with the names of the groups', () => {
    const { regExp } = new PythonRegex('(?P<year>\\d{4})-(?P<month>\\d\\d)$');
    const match = '2026-06\n'.matchAll(regExp).next().value!;
    expect({ ...match.groups }).toEqual({ year: '2026', month: '06' });
  });

  it('tells groups without a part in the match, and places', () => {
    expect([...new PythonRegex('(a)|(b)').matches('\u{1F600}b')]).toEqual([
      { text: 'b', index: 2, groups: [undefined, 'b'] },
    ]);
  });

  it('removes matches as re.sub, empty ones and those beside them too', () => {
    expect(new PythonRegex('(?s).*#### ').remove('a\n#### b\n#### 7')).toBe('7');
    expect(new PythonRegex('|,').remove('1,250,')).toBe('1250');
    expect(new PythonRegex('x').remove('abc')).toBe('abc');
  });

  it('makes the expression of a pattern once', () => {
    expect(pythonRegex('a', 'i')).toBe(pythonRegex('a', 'i'));
    expect(pythonRegex('a', 'i')).not.toBe(pythonRegex('a'));
  });
});

describe('patterns of task files', () => {
  const regex = (filter: object) =>
    scorerSpec.safeParse({
      name: 'x',
      filter: { kind: 'regex', ...filter },
      metric: { kind: 'exact-match' },
    });

  it('are Python patterns', () => {
    expect(regex({ pattern: '(?P<n>\\d+)\\Z' }).success).toBe(true);
    const { error } = regex({ pattern: '(?<n>\\d+)' });
    expect(error!.issues).toMatchObject([
      {
        path: ['filter', 'pattern'],
        message:
          'the Python pattern "(?<n>\\\\d+)" cannot be used: a group is named by (?P<name>...) in Python at character 0',
      },
    ]);
  });

  it('are read with their flags', () => {
    expect(regex({ pattern: '(a)\\1' }).success).toBe(true);
    expect(regex({ pattern: '(a)\\1', flags: 'i' }).success).toBe(false);
  });

  it('are checked in the list that exact-match ignores', () => {
    const metric = (ignore: string[]) =>
      scorerSpec.safeParse({ name: 'x', filter: { kind: 'whole' }, metric: { kind: 'exact-match', ignore } });
    expect(metric([',', '\\$', '(?s).*#### ', '\\.$']).success).toBe(true);
    expect(metric([',', '[']).error!.issues[0]!.path).toEqual(['metric', 'ignore', 1]);
  });
});
