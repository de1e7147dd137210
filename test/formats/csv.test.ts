import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvTable } from '../../src/formats/csv.js';

function rowsOf(text: string): string[][] {
  const table = new CsvTable(text, 'f.csv');
  return [
    [...table.header],
    ...Array.from({ length: table.rowCount }, (_, row) => table.header.map((_, i) => table.cell(row, i))),
  ];
}

const field = fc.array(fc.constantFrom('a', '1', ' ', ',', '"', '\n', '\r\n', 'é'), { maxLength: 4 });
const written = (text: string, always: boolean): string =>
  always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

describe('a CSV table', () => {
  test('reads random tables as csv-parse does', () => {
    const tables = fc
      .tuple(fc.integer({ min: 2, max: 4 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
      .chain(([width, newline, bom, trailing]) =>
        fc
          .array(fc.array(fc.tuple(field, fc.boolean()), { minLength: width, maxLength: width }), {
            maxLength: 5,
          })
          .map((rows) => {
            const header = Array.from({ length: width }, (_, i) => `h${i}`).join(',');
            const lines = rows.map((row) => row.map(([f, q]) => written(f.join(''), q)).join(','));
            return (bom ? '\ufeff' : '') + [header, ...lines].join(newline) + (trailing ? newline : '');
          }),
      );
    fc.assert(
      fc.property(tables, (text) => {
        expect(rowsOf(text)).toEqual(parse(text, { bom: true, skip_empty_lines: true }));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['', 'f.csv: the file is empty.'],
    ['\ufeff\n\n', 'f.csv: the file is empty.'],
    ['a,b\n1\n', 'f.csv:2: not a CSV table: 1 field, but the header has 2.'],
    ['a,b\n"1\n2",3\n4,5,6\n', 'f.csv:4: not a CSV table: 3 fields, but the header has 2.'],
    ['a,b\n1,"2\n', 'f.csv:2: not a CSV table: a quoted field that is never closed.'],
    ['a,b\n1,2"\n', 'f.csv:2: not a CSV table: a quote inside of an unquoted field.'],
    ['a,b\n1,"2"3\n', 'f.csv:2: not a CSV table: text behind a closing quote.'],
    ['a,b,a\n1,2,3\n', 'f.csv:1: column "a" stands twice in the header.'],
  ])('%j is refused', (text, message) => {
    expect(() => new CsvTable(text, 'f.csv')).toThrow(message);
  });

  test('ends its lines with LF, CRLF or CR, skips blank ones, and keeps an empty last field', () => {
    for (const newline of ['\n', '\r\n', '\r']) {
      const table = new CsvTable(['a,b', '', '1,', '2,'].join(newline), 'f');
      expect([table.rowCount, table.cell(0, 1), table.cell(1, 0), table.cell(1, 1)]).toEqual([
        2,
        '',
        '2',
        '',
      ]);
      expect([table.line(0), table.line(1)]).toEqual([3, 4]);
    }
  });

  test('knows numbers from all else', () => {
    const numbers = ['', '0', '-1.5', '.5', '5.', '1e9', '-2.5E-7', '"12"', '""', '9'.repeat(300)];
    const others = [
      ...['NaN', 'nan', 'Infinity', '-inf', '-', '.', '1.2.3', '1e', 'e5', '0x10', ' 1', '1 ', '"1,5"', '+1'],
      ...['1e999', '9'.repeat(400), '--1', '12%', 'null'],
    ];
    const isNumber = (cell: string) => new CsvTable(`a,b\n${cell},x\n`, 'f').isNumberOrEmpty(0, 0);
    expect(numbers.filter((cell) => !isNumber(cell))).toEqual([]);
    expect(others.filter(isNumber)).toEqual([]);
  });

  test('compares cells of two tables by their text, quoted or not', () => {
    const a = new CsvTable('a,b\nx,"p,q"\n', 'a');
    const b = new CsvTable('b,a\n"p,q","x"\n"p""q",xx\n', 'b');
    expect(a.sameCell(0, 0, b, 0, 1)).toBe(true);
    expect(a.sameCell(0, 1, b, 0, 0)).toBe(true);
    expect(a.sameCell(0, 1, b, 1, 0)).toBe(false);
    expect(a.sameCell(0, 0, b, 1, 1)).toBe(false);
    expect(a.hash(0, 1, 7)).toBe(b.hash(0, 0, 7));
    expect(a.hash(0, 1, 7)).not.toBe(b.hash(1, 0, 7));
  });
});
