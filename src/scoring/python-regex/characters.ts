import { PYTHON_SPACES } from '../python-text.js';

/**
 * Python's classes for `str` patterns, as the inside of a JavaScript class with the v flag. `\s` is
 * `str.isspace`, `\w` is `str.isalnum` and the underscore, `\d` is `str.isdecimal`.
 */
const classes: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  s: PYTHON_SPACES,
  w: '\\p{L}\\p{N}_',
};

/** The source of `\d`, `\D`, `\s`, `\S`, `\w` or `\W` by its letter; undefined for other letters. */
export function categorySource(letter: string): string | undefined {
  const inside = Object.hasOwn(classes, letter.toLowerCase()) ? classes[letter.toLowerCase()] : undefined;
  if (inside === undefined) return undefined;
  return letter === letter.toLowerCase() ? `[${inside}]` : `[^${inside}]`;
}

const word = `[${classes.w}]`;

/** `\b`: a change between word and other characters. */
export const boundarySource = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;

/** `\B`; up to Python 3.13 an empty text has none. */
export const noBoundarySource = `(?:(?<=${word})(?=${word})|(?<=[^${classes.w}])(?!${word})|(?<!${word})(?=[^${classes.w}]))`;

/** One character that stands for itself wherever it is put. */
export function characterSource(code: number): string {
  const character = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(character) ? character : `\\u{${code.toString(16)}}`;
}

/** A character, or a class of all that equal it where case is ignored. */
export function literalSource(code: number, ignoresCase: boolean): string {
  const others = ignoresCase ? equalButForCase(code) : [];
  if (others.length === 0) return characterSource(code);
  return `[${[code, ...others].map(characterSource).join('')}]`;
}

/** A range of a class, with all that equal one of its characters where case is ignored. */
export function rangeSource(first: number, last: number, ignoresCase: boolean): string {
  const range =
    first === last ? characterSource(first) : `${characterSource(first)}-${characterSource(last)}`;
  if (!ignoresCase) return range;
  const others = new Set<number>();
  for (const [code, equal] of cased()) {
    if (code < first || code > last) continue;
    for (const other of equal) if (other < first || other > last) others.add(other);
  }
  return range + [...others].map(characterSource).join('');
}

function equalButForCase(code: number): readonly number[] {
  return cased().get(code) ?? [];
}

/** No character above has a case. */
const lastCased = 0x1ffff;
let casedCharacters: ReadonlyMap<number, readonly number[]> | undefined;

/**
 * For every character with a case the others that Python's IGNORECASE takes for it: those whose lower-case
 * characters have the same upper case. So `i` equals `I`, `İ` and `ı`, which JavaScript's i flag keeps apart.
 */
function cased(): ReadonlyMap<number, readonly number[]> {
  if (casedCharacters !== undefined) return casedCharacters;
  const byUpper = new Map<string, number[]>();
  for (let code = 0; code <= lastCased; code++) {
    const character = String.fromCodePoint(code);
    // Python takes lower case character by character; of all only İ becomes two, the first of which counts.
    const upper = [...character.toLowerCase()][0]!.toUpperCase();
    if (upper === character && character.toLowerCase() === character) continue;
    const group = byUpper.get(upper);
    if (group === undefined) byUpper.set(upper, [code]);
    else group.push(code);
  }
  const table = new Map<number, readonly number[]>();
  for (const group of byUpper.values()) {
    if (group.length === 1) continue;
    for (const code of group) {
      table.set(
        code,
        group.filter((other) => other !== code),
      );
    }
  }
  casedCharacters = table;
  return table;
}
