import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../../src/formats/records/read-rows.js';
import { fileOf, refusalOf, valuesOf } from './support.js';

const correctLine = 'correct the line or download the file again.';

describe('a JSONL file', () => {
  test('counts its lines under a BOM, blank lines and mixed newlines', async () => {
    const path = fileOf('a.jsonl', '\ufeff{"a":1}\r\n\n \r\n{"a":"\u2028é"}\r{"a":3}\n{"a":4}');
    expect((await readRows(path)).rows).toStrictEqual([
      { row: 1, value: { a: 1 } },
      { row: 4, value: { a: '\u2028é' } },
      { row: 5, value: { a: 3 } },
      { row: 6, value: { a: 4 } },
    ]);
  });

  test.each([
    [
      '{"a":1}\n{"a":\n',
      `Line 2 of the data file FILE is not JSON (Unexpected end of JSON input); ${correctLine}`,
    ],
    ['{"a":1}\r\n\r\n[1]', 'Line 3 of the data file FILE holds an array; put one JSON object on each line.'],
    ['7\n', 'Line 1 of the data file FILE holds a number; put one JSON object on each line.'],
    ['null\n', 'Line 1 of the data file FILE holds null; put one JSON object on each line.'],
  ])('%j is refused', async (text, message) => {
    expect(await refusalOf(fileOf('a.jsonl', text))).toBe(`DATA_FORMAT: ${message}`);
  });

  test('of one line of 100 MB is refused', async () => {
    const bytes = Buffer.alloc(100e6, 'a');
    bytes.write('{"a":"');
    bytes.write('"}\n', bytes.length - 3);
    expect(await refusalOf(fileOf('a.jsonl', bytes))).toBe(
      'DATA_FORMAT: Line 1 of the data file FILE has more than 16 Mi characters; ' +
        'put one JSON object on each line.',
    );
  });
});

describe('a JSON file', () => {
  test('holds an array of objects, or one', async () => {
    expect(await valuesOf('a.json', '\ufeff[{"a":1},\r\n{"a":2}]')).toStrictEqual([{ a: 1 }, { a: 2 }]);
    expect(await valuesOf('a.JSON', '{"problem":"p","solution":"s"}\n')).toStrictEqual([
      { problem: 'p', solution: 's' },
    ]);
  });

  test.each([
    ['[{"a":1},3]', 'Item 2 of the data file FILE is a number; give it an array of objects, or one object.'],
    ['"a"', 'The data file FILE holds a string; give it an array of objects, or one object.'],
    ['[{"a":1},\n{"a":', /^The data file FILE is not JSON \(Unexpected end of JSON input\); correct it/],
    ['[{"a":1},\n{"a":1 "b":2}]', /^Line 2 of the data file FILE is not JSON \(.+\); correct it or download/],
  ])('%j is refused', async (text, message) => {
    const refusal = await refusalOf(fileOf('a.json', text));
    expect(refusal).toMatch(/^DATA_FORMAT: /);
    expect(refusal.slice('DATA_FORMAT: '.length)).toMatch(message);
  });
});

describe('a CSV file', () => {
  const text = '\ufeffq,a\r\n"one\n""two"", three",A\n\r\n 2 ,\r';

  test('takes the names of its columns from its first record', async () => {
    expect((await readRows(fileOf('a.csv', text))).rows).toStrictEqual([
      { row: 1, value: { q: 'one\n"two", three', a: 'A' } },
      { row: 2, value: { q: ' 2 ', a: '' } },
    ]);
  });

  test('takes them from the caller, or has none', async () => {
    const named = { kind: 'named', names: ['x', '__proto__'] } as const;
    const rows = await valuesOf('a.csv', 'q,q\n1,2\n', { csvColumns: named });
    expect(rows.map((row) => Object.entries(row as object))).toStrictEqual([
      [
        ['x', 'q'],
        ['__proto__', 'q'],
      ],
      [
        ['x', '1'],
        ['__proto__', '2'],
      ],
    ]);
    expect(await valuesOf('a.csv', 'q,q\n1,2\n', { csvColumns: { kind: 'unnamed' } })).toStrictEqual([
      ['q', 'q'],
      ['1', '2'],
    ]);
  });

  test.each([
    [
      'q,a\n1,"2\n3\n',
      `In the data file FILE:2: not a CSV table: a quoted field that is never closed; ${correctLine}`,
    ],
    ['q,a\n1\n', `In the data file FILE:2: not a CSV table: 1 field, but the header has 2; ${correctLine}`],
    ['q,q\n1,2\n', 'The header of the data file FILE names the column "q" twice; rename one of them.'],
  ])('%j is refused', async (text, message) => {
    expect(await refusalOf(fileOf('a.csv', text))).toBe(`DATA_FORMAT: ${message}`);
  });

  test('of another width than the caller says is refused', async () => {
    const csvColumns = { kind: 'named', names: ['q', 'a', 'b'] } as const;
    expect(await refusalOf(fileOf('a.csv', '1,2\n'), { csvColumns })).toBe(
      'DATA_FORMAT: The data file FILE has 2 columns; give it these 3: "q", "a", "b".',
    );
    expect(await refusalOf(fileOf('a.csv', '1,2\n3\n'), { csvColumns })).toContain('the first record has 2');
  });
});

describe('a gzip file', () => {
  const packed = gzipSync('{"a":1}\n{"a":2}\n');

  test('is read as what its name says before .gz', async () => {
    expect(await valuesOf('a.jsonl.gz', packed)).toStrictEqual([{ a: 1 }, { a: 2 }]);
    expect(await valuesOf('a.jsonl.gz', Buffer.concat([packed, packed]))).toHaveLength(4);
    expect(await valuesOf('a.csv.gz', gzipSync('a\n1\n'))).toStrictEqual([{ a: '1' }]);
  });

  test('is refused at every length below its own', async () => {
    for (let length = 1; length < packed.length; length++) {
      expect(await refusalOf(fileOf('a.jsonl.gz', packed.subarray(0, length)))).toBe(
        'DATA_FORMAT: The data file FILE is cut off (its gzip stream does not end); download the file again.',
      );
    }
  });

  test('is refused if it is none, is damaged, or unpacks to more than memory should hold', async () => {
    const damaged = Buffer.from(packed);
    damaged[packed.length - 8]! ^= 1;
    for (const bytes of [Buffer.from('{"a":1}\n'), damaged, Buffer.concat([packed, Buffer.from('junk')])]) {
      expect(await refusalOf(fileOf('a.jsonl.gz', bytes))).toMatch(
        /^DATA_FORMAT: The data file FILE is not a whole gzip file \(incorrect \w+ check\); download/,
      );
    }
    expect(await refusalOf(fileOf('a.jsonl.gz', gzipSync(Buffer.alloc(257 * 2 ** 20), { level: 1 })))).toBe(
      'DATA_FORMAT: The data file FILE is larger than 256 MiB unpacked; split it into several.',
    );
  });
});

describe('any data file', () => {
  test.each(['a.jsonl', 'a.json', 'a.csv'])('%s may hold UTF-8 only', async (name) => {
    const latin1 = Buffer.from('{"a":\n"caf\xe9"}\n', 'latin1');
    expect(await refusalOf(fileOf(name, latin1))).toBe(
      'DATA_FORMAT: Line 2 of the data file FILE is not UTF-8; save the file as UTF-8 or download it again.',
    );
    const utf16 = Buffer.from('\ufeff{"a":1}', 'utf16le');
    expect(await refusalOf(fileOf(name, utf16))).toContain('Line 1 of the data file FILE is not UTF-8');
  });

  test.each([
    ['a.jsonl', ''],
    ['a.jsonl', '\n \r\n'],
    ['a.json', ' \n'],
    ['a.json', '[]'],
    ['a.csv', '\ufeff\n'],
    ['a.csv', 'q,a\n'],
    ['a.csv.gz', gzipSync('')],
  ])('%s with %j is empty', async (name, content) => {
    expect(await refusalOf(fileOf(name, content))).toBe(
      'DATA_EMPTY: The data file FILE holds no rows; download it again.',
    );
  });

  test('has to be there, and to be a file', async () => {
    const path = fileOf('a.jsonl', '{}');
    const next = 'check the path, or download the file.';
    expect(await refusalOf(`${path}/b.jsonl`)).toBe(
      `DATA_MISSING: The data file FILE does not exist; ${next}`,
    );
    expect(await refusalOf(path.replace('a.jsonl', 'b.csv'))).toContain(
      'DATA_MISSING: The data file FILE does',
    );
    expect(await refusalOf('/proc/self/fd/../../.json')).toContain('DATA_MISSING');
  });

  test('has a known ending', async () => {
    const known = 'use one of .parquet, .jsonl, .json, .csv, or one with .gz';
    for (const name of ['a.txt', 'a.gz', 'a', 'parquet']) {
      expect(await refusalOf(fileOf(name, '{}'))).toBe(
        `DATA_FORMAT: The data file FILE has an unknown ending; ${known}.`,
      );
    }
  });

  test('is not a Git LFS pointer', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
    expect(await refusalOf(fileOf('a.parquet', pointer))).toBe(
      'DATA_FORMAT: The data file FILE is a Git LFS pointer, not the data; run "git lfs pull" there.',
    );
  });
});
