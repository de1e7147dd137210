import { translate } from './python-regex/translate.js';

/** One match, as Python's `re.Match`. */
export interface PythonMatch {
  readonly text: string;
  /** Where it begins, in UTF-16 units. */
  readonly index: number;
  /** Group 1 and up; undefined for a group that had no part in the match. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * A Python regular expression (`re`, `str` patterns, Python 3.7 to 3.13) with Python's meaning: `.` stops at `\n`
 * alone, `$` also matches before a last `\n`, `\s`, `\d`, `\w` and `\b` go by Python's view of Unicode, and
 * characters are code points.
 */
export class PythonRegex {
  readonly source: string;
  readonly flags: string;
  /** How many groups the pattern has. */
  readonly groups: number;
  /** The same in JavaScript; global. Its empty matches differ from `matches` where Python tries a place twice. */
  readonly regExp: RegExp;
  #notEmpty: RegExp | undefined;

  /**
   * @param flags Letters of `ims`; the pattern may set its own by `(?i)`.
   * @throws UsageError PATTERN for what is no Python pattern or cannot be translated
   */
  constructor(source: string, flags = '') {
    const translation = translate(source, flags);
    this.source = source;
    this.flags = flags;
    this.groups = translation.groups;
    // V8 also tries places between the halves of an astral character, where no character can match.
    this.regExp = new RegExp(`(?=[\\s\\S]|$)(?:${translation.source})`, 'gv');
  }

  /** The first match, or null: Python's `search`. */
  search(text: string): PythonMatch | null {
    return this.#searchFrom(text, 0);
  }

  /** All matches one after the other: Python's `finditer`. */
  *matches(text: string): Generator<PythonMatch, undefined> {
    let match = this.#searchFrom(text, 0);
    while (match !== null) {
      yield match;
      const end = match.index + match.text.length;
      match = match.text === '' ? this.#afterEmpty(text, end) : this.#searchFrom(text, end);
    }
  }

  /** Python's `findall`: the matches, of one group that group, of several a list; absent groups are empty. */
  findAll(text: string): (string | string[])[] {
    return Array.from(this.matches(text), ({ text: whole, groups }) => {
      if (groups.length === 0) return whole;
      const values = groups.map((group) => group ?? '');
      return values.length === 1 ? values[0]! : values;
    });
  }

  /** The text without its matches: Python's `sub` with an empty replacement. */
  remove(text: string): string {
    let kept = '';
    let end = 0;
    for (const { index, text: match } of this.matches(text)) {
      kept += text.slice(end, index);
      end = index + match.length;
    }
    return kept + text.slice(end);
  }

  #searchFrom(text: string, from: number): PythonMatch | null {
    if (from > text.length) return null;
    this.regExp.lastIndex = from;
    const found = this.regExp.exec(text);
    return found && { text: found[0], index: found.index, groups: found.slice(1) };
  }

  /** After an empty match Python looks for one that is not empty at the same place, then goes on. */
  #afterEmpty(text: string, at: number): PythonMatch | null {
    // The rest of the text is kept in a group of its own: it still follows only where nothing was matched.
    this.#notEmpty ??= new RegExp(
      `(?=([\\s\\S]*))(?:${translate(this.source, this.flags, 1).source})(?!\\1$)`,
      'vy',
    );
    this.#notEmpty.lastIndex = at;
    const found = this.#notEmpty.exec(text);
    if (found !== null) return { text: found[0], index: at, groups: found.slice(2) };
    return this.#searchFrom(text, at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1));
  }
}

const known = new Map<string, PythonRegex>();

/**
 * The expression of a pattern, made once.
 * @throws UsageError PATTERN as the constructor
 */
export function pythonRegex(source: string, flags = ''): PythonRegex {
  const key = `${flags}/${source}`;
  const found = known.get(key) ?? new PythonRegex(source, flags);
  known.set(key, found);
  return found;
}
