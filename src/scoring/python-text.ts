/**
 * The inside of a class of white space as Python's `str.isspace()` sees it; unlike JavaScript's it has
 * U+001C-U+001F and U+0085, not U+FEFF.
 */
export const PYTHON_SPACES =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const OUTER_SPACE = new RegExp(`^[${PYTHON_SPACES}]+|[${PYTHON_SPACES}]+$`, 'g');
const FRONT_SPACE = new RegExp(`^[${PYTHON_SPACES}]+`);

/** Python's `str.strip()`, which the harnesses apply to every extracted answer. */
export function pythonStrip(text: string): string {
  return text.replace(OUTER_SPACE, '');
}

/** Decimal digits of any script as 0 to 9, which Python's `\d` finds and its `float` and `int` read. */
export function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
    // Digits stand in tens, from 0 to 9; several tens can follow each other.
    return String((code - zero) % 10);
  });
}

/** Python's `str.lstrip()`. */
export function pythonLeftStrip(text: string): string {
  return text.replace(FRONT_SPACE, '');
}

/** Python's `string.punctuation`, deleted by lm-eval's `ignore_punctuation`. */
export function deleteAsciiPunctuation(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '');
}

/** Literal `text` as a regular expression source. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
