import { categorySource } from './characters.js';
import type { Cursor } from './cursor.js';

/** What an escape stands for. */
export type Escape =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'category'; readonly source: string }
  | { readonly kind: 'place'; readonly letter: 'A' | 'Z' | 'b' | 'B' }
  | { readonly kind: 'group'; readonly index: number };

const control: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads an escape outside of a class; the backslash has been passed. */
export function readEscape(cursor: Cursor): Escape {
  const start = cursor.at - 1;
  const letter = cursor.peek();
  if (letter === 'A' || letter === 'Z' || letter === 'b' || letter === 'B') {
    cursor.next();
    return { kind: 'place', letter };
  }
  const octal = cursor.match(/^(?:0[0-7]{0,2}|[0-3][0-7]{2})/);
  if (octal !== null) return { kind: 'character', code: Number.parseInt(octal[0], 8) };
  if (cursor.match(/^[4-7][0-7]{2}/) !== null) cursor.fail('an octal escape above \\377', start);
  const group = cursor.match(/^[1-9][0-9]?/);
  if (group !== null) return { kind: 'group', index: Number(group[0]) };
  return readCommonEscape(cursor, start);
}

/** Reads an escape inside of a class; the backslash has been passed. */
export function readClassEscape(cursor: Cursor): Escape {
  const start = cursor.at - 1;
  const octal = cursor.match(/^[0-7]{1,3}/);
  if (octal === null) return readCommonEscape(cursor, start);
  const code = Number.parseInt(octal[0], 8);
  if (code > 0o377) cursor.fail('an octal escape above \\377', start);
  return { kind: 'character', code };
}

function readCommonEscape(cursor: Cursor, start: number): Escape {
  if (cursor.isAtEnd) cursor.fail('a backslash that escapes nothing', start);
  const letter = cursor.next();
  const source = categorySource(letter);
  if (source !== undefined) return { kind: 'category', source };
  const code = Object.hasOwn(control, letter) ? control[letter] : undefined;
  if (code !== undefined) return { kind: 'character', code };
  const digits = Object.hasOwn(hexDigits, letter) ? hexDigits[letter] : undefined;
  if (digits !== undefined) {
    const hex = cursor.match(new RegExp(`^[0-9A-Fa-f]{${digits}}`));
    if (hex === null) cursor.fail(`\\${letter} without ${digits} hexadecimal digits`, start);
    const value = Number.parseInt(hex[0], 16);
    if (value > 0x10ffff) cursor.fail(`\\${letter} beyond the last character`, start);
    return { kind: 'character', code: value };
  }
  if (letter === 'N') cursor.fail('\\N{...} is not supported here (write \\u or \\U with the code)', start);
  if (/[A-Za-z0-9]/.test(letter)) cursor.fail(`there is no escape \\${letter}`, start);
  return { kind: 'character', code: letter.codePointAt(0)! };
}
