/** White space as Python's `str.strip()` sees it; unlike `trim()` it has U+001C-U+001F and U+0085, not U+FEFF. */
const PYTHON_SPACE =
  '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const OUTER_SPACE = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, 'g');
const FRONT_SPACE = new RegExp(`^${PYTHON_SPACE}+`);

/** Python's `str.strip()`, which the harnesses apply to every extracted answer. */
export function pythonStrip(text: string): string {
  return text.replace(OUTER_SPACE, '');
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
