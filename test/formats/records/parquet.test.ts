import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../../src/formats/records/read-rows.js';
import { packageRoot } from '../../../src/paths.js';
import { fileOf, refusalOf } from './support.js';

const fixtures = join(packageRoot, 'test/fixtures/parquet');
const fixture = (name: string) => join(fixtures, `${name}.parquet`);
const bytesOf = (name: string) => readFileSync(fixture(name));

const plain = await readRows(fixture('uncompressed-plain'));
const answers = plain.rows.map(({ value }) => BigInt((value as { answer: number }).answer));

/** The plain file with another integer in place of the first answer. */
function withFirstAnswer(answer: bigint): Buffer {
  const bytes = bytesOf('uncompressed-plain');
  const stored = Buffer.from(BigInt64Array.from(answers).buffer);
  const at = bytes.indexOf(stored);
  expect(at).toBeGreaterThan(0);
  bytes.writeBigInt64LE(answer, at);
  return bytes;
}

describe('a Parquet file', () => {
  test.each([
    'data-page-v2',
    'gzip',
    'large-string',
    'list-item-name',
    'three-row-groups',
    'zstd',
  ])('%s holds the same rows as the plain one', async (name) => {
    expect((await readRows(fixture(name))).rows).toStrictEqual(plain.rows);
  });

  test('gives numbered plain objects', () => {
    expect(plain.rows.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
    expect(plain.rows[0]!.value).toStrictEqual({
      question: 'Find all c in Z_3 such that Z_3[x]/(x^2 + c) is a field.',
      subject: 'abstract_algebra',
      choices: ['0', '1', '2', '3'],
      answer: 1,
    });
    expect(plain.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('keeps null strings, null lists and empty lists apart', async () => {
    const { rows } = await readRows(fixture('nulls-empty-unicode'));
    const values = rows.map(({ value }) => value as Record<string, unknown>);
    expect(values.map(({ subject }) => subject)).toStrictEqual([null, ...Array(3).fill('abstract_algebra')]);
    expect(values.map(({ choices }) => choices).slice(1, 3)).toStrictEqual([[], null]);
    expect(values[3]!.question).toBe('café ∀x ∈ ℤ, 𝕊\n');
  });

  // Written by hyparquet-writer 0.17.0.
  test('keeps nulls in lists and structs, and writes dates as text', async () => {
    const { rows } = await readRows(fixture('nested-nulls'));
    const day = (date: string) => `${date}T00:00:00.000Z`;
    expect(rows.map(({ value }) => value)).toStrictEqual([
      { id: 1, tags: ['a', null], info: { n: 7, s: 'x' }, score: 0.5, day: day('2024-02-29') },
      { id: null, tags: null, info: null, score: null, day: null },
      { id: 2 ** 53 - 1, tags: [], info: { n: null, s: null }, score: -1, day: day('1969-12-31') },
    ]);
  });

  test('may hold integers up to 2^53 only', async () => {
    const { rows } = await readRows(fileOf('a.parquet', withFirstAnswer(-(2n ** 53n) + 1n)));
    expect(rows[0]!.value).toMatchObject({ answer: -(2 ** 53) + 1 });
    expect(await refusalOf(fileOf('a.parquet', withFirstAnswer(2n ** 53n)))).toBe(
      'DATA_FORMAT: Row 1, column "answer" of the data file FILE holds the integer 9007199254740992, ' +
        'beyond 2^53; store that column as text.',
    );
  });

  test('may hold UTF-8 only', async () => {
    const bytes = bytesOf('uncompressed-plain');
    const { question } = plain.rows[2]!.value as { question: string };
    bytes[bytes.indexOf(question)] = 0xff;
    expect(await refusalOf(fileOf('a.parquet', bytes))).toBe(
      'DATA_FORMAT: Row 3, column "question" of the data file FILE holds text that is not UTF-8; ' +
        'download the file again.',
    );
  });
});

describe('what is no whole Parquet file', () => {
  test.each(
    readdirSync(fixtures).flatMap((name) => /^(.+)\.parquet$/.exec(name)?.[1] ?? []),
  )('%s is refused at lengths below its own', async (name) => {
    const bytes = bytesOf(name);
    for (let length = 1; length < bytes.length; length += 1 + Math.floor(length / 40)) {
      const refusal = await refusalOf(fileOf('a.parquet', bytes.subarray(0, length)));
      expect(refusal).toMatch(/^DATA_FORMAT: The data file FILE is (cut off|not Parquet) .*; download/);
    }
  });

  test.each([
    [Buffer.alloc(0), 'DATA_EMPTY: The data file FILE holds no rows; download it again.'],
    [
      Buffer.from('{"question": "not Parquet"}\n'),
      'DATA_FORMAT: The data file FILE is not Parquet (it does not begin with PAR1); download the file again.',
    ],
    [
      Buffer.from('PAR1PAR1'),
      'DATA_FORMAT: The data file FILE is cut off (its 8 bytes do not end with PAR1); download the file again.',
    ],
    [
      Buffer.from(`PAR1${'x'.repeat(90)}\x10\0\0\0PAR1`),
      /^DATA_FORMAT: The data file FILE is damaged, or a kind of Parquet that is not read \(.+\); download/,
    ],
    [
      Buffer.from(`PAR1${'x'.repeat(90)}\xff\xff\xff\x7fPAR1`, 'latin1'),
      /^DATA_FORMAT: The data file FILE is damaged.*metadata length 2147483647 exceeds/,
    ],
  ])('%#: garbage', async (content, message) => {
    expect(await refusalOf(fileOf('a.parquet', content))).toMatch(message);
  });

  test('a file with its middle cut out is refused', async () => {
    const bytes = bytesOf('three-row-groups');
    const content = Buffer.concat([bytes.subarray(0, 400), bytes.subarray(700)]);
    expect(await refusalOf(fileOf('a.parquet', content))).toMatch(/^DATA_FORMAT: /);
  });

  test('a flipped byte never shows as another error or as missing rows', async () => {
    for (const name of ['zstd', 'three-row-groups', 'uncompressed-plain']) {
      const bytes = bytesOf(name);
      for (let at = 3; at < bytes.length; at += 13) {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 0x55;
        const path = fileOf('a.parquet', flipped);
        const refusal = await refusalOf(path);
        if (refusal === 'read') expect((await readRows(path)).rows).toHaveLength(5);
        else expect(refusal).toMatch(/^DATA_FORMAT: .*; .*\.$/);
      }
    }
  });
});
