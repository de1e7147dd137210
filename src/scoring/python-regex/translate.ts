import { boundarySource, literalSource, noBoundarySource, rangeSource } from './characters.js';
import { Cursor } from './cursor.js';
import { readClassEscape, readEscape } from './escapes.js';

/** Python's IGNORECASE, MULTILINE and DOTALL. */
interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** A part of the pattern in JavaScript, and how many characters it can match. */
interface Piece {
  readonly source: string;
  readonly min: number;
  readonly max: number;
  /** `at` = one place, which Python does not repeat; `repeat` = it has a quantifier already. */
  readonly kind?: 'at' | 'look' | 'repeat';
}

export interface Translation {
  /** For the v flag and no other that changes what matches. */
  readonly source: string;
  readonly groups: number;
}

/**
 * Writes a Python pattern as one of JavaScript that matches the same texts with the same groups.
 *
 * @param flags Letters of `ims`.
 * @param groupOffset Groups that the caller puts before these.
 * @throws UsageError PATTERN for what Python refuses, and for what JavaScript cannot do as Python does
 */
export function translate(pattern: string, flags: string, groupOffset = 0): Translation {
  const reader = new PatternReader(pattern, groupOffset);
  const source = reader.read(flags);
  return { source, groups: reader.groups };
}

/** What to say of an opening that is not read, by what stands behind its question mark. */
const groupFaults: Readonly<Record<string, string>> = {
  '<': 'a group is named by (?P<name>...) in Python',
  '>': 'atomic groups are not supported (use "(?:")',
  '(': 'conditional groups are not supported (use "|")',
};

class PatternReader {
  readonly #cursor: Cursor;
  readonly #groupOffset: number;
  readonly #names = new Map<string, number>();
  /** By index - 1: whether a group is complete, whether a match may leave it out, and its least length. */
  readonly #groups: { closed: boolean; skippable: boolean; min: number }[] = [];
  #behind = 0;

  constructor(pattern: string, groupOffset: number) {
    this.#cursor = new Cursor(pattern);
    this.#groupOffset = groupOffset;
  }

  get groups(): number {
    return this.#groups.length;
  }

  read(letters: string): string {
    let all = letters;
    for (let found = this.#globalFlags(); found !== null; found = this.#globalFlags()) all += found;
    const flags = { i: all.includes('i'), m: all.includes('m'), s: all.includes('s') };
    const piece = this.#alternatives(flags);
    if (!this.#cursor.isAtEnd) this.#cursor.fail('an unbalanced )');
    return piece.source;
  }

  #globalFlags(): string | null {
    const start = this.#cursor.at;
    const letters = this.#cursor.match(/^\(\?([aiLmsux]+)\)/)?.[1];
    if (letters === undefined) return null;
    this.#refuseFlags(letters, start);
    return letters;
  }

  #refuseFlags(letters: string, at: number): void {
    const other = /[aLx]/.exec(letters)?.[0];
    if (other !== undefined) this.#cursor.fail(`the flag ${other} is not supported (i, m, s and u are)`, at);
  }

  #alternatives(flags: Flags): Piece {
    const firstGroup = this.#groups.length;
    const branches = [this.#sequence(flags)];
    while (this.#cursor.take('|')) branches.push(this.#sequence(flags));
    if (branches.length > 1) this.#mayBeLeftOut(firstGroup);
    return {
      source: branches.map(({ source }) => source).join('|'),
      min: Math.min(...branches.map(({ min }) => min)),
      max: Math.max(...branches.map(({ max }) => max)),
    };
  }

  #mayBeLeftOut(firstGroup: number): void {
    for (const group of this.#groups.slice(firstGroup)) group.skippable = true;
  }

  #sequence(flags: Flags): Piece {
    const pieces: Piece[] = [];
    let firstGroup = this.#groups.length;
    while (!this.#cursor.isAtEnd && this.#cursor.peek() !== '|' && this.#cursor.peek() !== ')') {
      const at = this.#cursor.at;
      const quantifier = this.#quantifier();
      if (quantifier !== null) {
        pieces.push(this.#repeated(pieces.pop(), quantifier, firstGroup, at));
        continue;
      }
      const groupsBefore = this.#groups.length;
      const piece = this.#atom(flags);
      if (piece === null) continue;
      pieces.push(piece);
      firstGroup = groupsBefore;
    }
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    return {
      source: pieces.map(({ source }) => source).join(''),
      min: sum(pieces.map(({ min }) => min)),
      max: sum(pieces.map(({ max }) => max)),
    };
  }

  #quantifier(): { min: number; max: number; lazy: boolean } | null {
    const at = this.#cursor.at;
    // Anything else after a brace is plain text: `{}`, `{x}`, `{1`.
    const found = this.#cursor.match(/^(?:[*+?]|\{(?!\})(\d*)(?:(,)(\d*))?\})/);
    if (found === null) return null;
    const [word, low, comma, high] = found;
    if (this.#cursor.take('+')) this.#cursor.fail('possessive quantifiers are not supported', at);
    const lazy = this.#cursor.take('?');
    if (word === '*') return { min: 0, max: Number.POSITIVE_INFINITY, lazy };
    if (word === '+') return { min: 1, max: Number.POSITIVE_INFINITY, lazy };
    if (word === '?') return { min: 0, max: 1, lazy };
    const min = Number(low || 0);
    const max = comma === undefined ? min : high ? Number(high) : Number.POSITIVE_INFINITY;
    if (min > max) this.#cursor.fail('the least number of repeats is above the greatest', at);
    return { min, max, lazy };
  }

  #repeated(
    piece: Piece | undefined,
    { min, max, lazy }: { min: number; max: number; lazy: boolean },
    firstGroup: number,
    at: number,
  ): Piece {
    if (piece === undefined || piece.kind === 'at') this.#cursor.fail('nothing to repeat', at);
    if (piece.kind === 'repeat') this.#cursor.fail('a repeat of a repeat', at);
    const inside = this.#groups.slice(firstGroup);
    // After a turn that matched nothing JavaScript goes back, and Python goes on.
    const isEmptyAlways = piece.kind === 'look' && inside.length === 0;
    if (piece.min === 0 && max > min && !isEmptyAlways)
      this.#cursor.fail('a repeat of what may be empty is not supported', at);
    // JavaScript forgets groups at the start of each turn, and Python does not.
    if (max > 1 && inside.some(({ skippable }) => skippable))
      this.#cursor.fail('a repeat around a group that may be left out is not supported', at);
    if (min === 0) this.#mayBeLeftOut(firstGroup);
    const atom = piece.kind === 'look' ? `(?:${piece.source})` : piece.source;
    const times = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
    return {
      source: `${atom}${times}${lazy ? '?' : ''}`,
      min: piece.min * min,
      max: piece.max === 0 ? 0 : piece.max * max,
      kind: 'repeat',
    };
  }

  /** Null for what is no part of the pattern: a comment. */
  #atom(flags: Flags): Piece | null {
    const character = this.#cursor.next();
    const place = (source: string): Piece => ({ source, min: 0, max: 0, kind: 'at' });
    switch (character) {
      case '.':
        // Not `[^]`, which matches nothing with the v flag of V8 11.
        return { source: flags.s ? '[\\s\\S]' : '[^\\n]', min: 1, max: 1 };
      case '^':
        return place(flags.m ? '(?<![^\\n])' : '^');
      case '$':
        return place(flags.m ? '(?![^\\n])' : '(?=\\n?$)');
      case '[':
        return { source: this.#class(flags), min: 1, max: 1 };
      case '(':
        return this.#group(flags);
      case '\\':
        return this.#escape(flags);
      default:
        return { source: literalSource(character.codePointAt(0)!, flags.i), min: 1, max: 1 };
    }
  }

  #escape(flags: Flags): Piece {
    const start = this.#cursor.at - 1;
    const found = readEscape(this.#cursor);
    if (found.kind === 'character') return { source: literalSource(found.code, flags.i), min: 1, max: 1 };
    if (found.kind === 'category') return { source: found.source, min: 1, max: 1 };
    if (found.kind === 'group') return this.#reference(found.index, flags, start);
    const sources = { A: '^', Z: '$', b: boundarySource, B: noBoundarySource };
    return { source: sources[found.letter], min: 0, max: 0, kind: 'at' };
  }

  #reference(index: number, flags: Flags, at: number): Piece {
    const group = this.#groups[index - 1];
    if (group === undefined) this.#cursor.fail(`there is no group ${index}`, at);
    if (!group.closed) this.#cursor.fail('a reference to a group that is still open', at);
    const limits: [boolean, string][] = [
      [group.skippable, 'a reference to a group that may be left out'],
      [flags.i, 'a reference to a group where case is ignored'],
      [this.#behind > 0, 'a reference to a group in a look-behind'],
    ];
    const limit = limits.find(([holds]) => holds)?.[1];
    if (limit !== undefined) this.#cursor.fail(`${limit} is not supported`, at);
    return { source: `(?:\\${index + this.#groupOffset})`, min: group.min, max: Number.POSITIVE_INFINITY };
  }

  #group(flags: Flags): Piece | null {
    const start = this.#cursor.at - 1;
    if (!this.#cursor.take('?')) return this.#capture(flags, '', start);
    if (this.#cursor.take(':')) return this.#closed('(?:', flags, start);
    if (this.#cursor.take('#')) {
      if (this.#cursor.match(/^[^)]*\)/) === null) this.#cursor.fail('a comment without )', start);
      return null;
    }
    if (this.#cursor.take('=')) return this.#look('(?=', flags, start);
    if (this.#cursor.take('!')) return this.#look('(?!', flags, start);
    if (this.#cursor.take('<=')) return this.#look('(?<=', flags, start);
    if (this.#cursor.take('<!')) return this.#look('(?<!', flags, start);
    const name = this.#cursor.match(/^P([<=])([\p{ID_Start}_]\p{ID_Continue}*)([>)])/u);
    if (name !== null && name[1] === '<' && name[3] === '>') return this.#capture(flags, name[2]!, start);
    if (name !== null && name[1] === '=' && name[3] === ')') {
      return this.#reference(this.#names.get(name[2]!) ?? 0, flags, start);
    }
    const scoped = this.#cursor.match(/^([aiLmsux]*)(?:-([imsx]+))?:/);
    if (scoped !== null) return this.#scoped(scoped[1]!, scoped[2] ?? '', flags, start);
    if (/^[aiLmsux]$/.test(this.#cursor.peek())) this.#cursor.fail('flags that are not at the start', start);
    const rest = this.#cursor.match(/^P?.?/u)?.[0] ?? '';
    return this.#cursor.fail(groupFaults[rest] ?? `"(?${rest}" opens no group`, start);
  }

  #scoped(on: string, off: string, flags: Flags, at: number): Piece {
    this.#refuseFlags(on + off, at);
    if ([...on].some((letter) => off.includes(letter))) this.#cursor.fail('a flag both on and off', at);
    const set = (letter: keyof Flags): boolean =>
      on.includes(letter) || (flags[letter] && !off.includes(letter));
    return this.#closed('(?:', { i: set('i'), m: set('m'), s: set('s') }, at);
  }

  #capture(flags: Flags, name: string, at: number): Piece {
    // A look-behind is matched backwards, so that a repeated group would keep its first turn.
    if (this.#behind > 0) this.#cursor.fail('a group in a look-behind is not supported (use "(?:")', at);
    const group = { closed: false, skippable: false, min: 0 };
    this.#groups.push(group);
    if (name !== '') {
      if (this.#names.has(name)) this.#cursor.fail(`two groups with the name ${name}`, at);
      this.#names.set(name, this.#groups.length);
    }
    const piece = this.#closed(name === '' ? '(' : `(?<${name}>`, flags, at);
    group.closed = true;
    group.min = piece.min;
    return piece;
  }

  #look(opening: string, flags: Flags, at: number): Piece {
    const firstGroup = this.#groups.length;
    const isBehind = opening.startsWith('(?<');
    if (isBehind) this.#behind += 1;
    const { source, min, max } = this.#closed(opening, flags, at);
    if (isBehind) this.#behind -= 1;
    if (isBehind && min !== max) this.#cursor.fail('a look-behind needs a fixed number of characters', at);
    if (opening.endsWith('!')) this.#mayBeLeftOut(firstGroup);
    return { source, min: 0, max: 0, kind: 'look' };
  }

  #closed(opening: string, flags: Flags, at: number): Piece {
    const inside = this.#alternatives(flags);
    if (!this.#cursor.take(')')) this.#cursor.fail('a ( that is never closed', at);
    return { source: `${opening}${inside.source})`, min: inside.min, max: inside.max };
  }

  #class(flags: Flags): string {
    const start = this.#cursor.at - 1;
    const negated = this.#cursor.take('^');
    const parts: string[] = [];
    do {
      if (this.#cursor.isAtEnd) this.#cursor.fail('a [ that is never closed', start);
      const at = this.#cursor.at;
      const low = this.#classItem(start);
      const isRange = this.#cursor.peek() === '-' && this.#cursor.peek(1) !== ']';
      if (!isRange) {
        parts.push(typeof low === 'string' ? low : rangeSource(low, low, flags.i));
        continue;
      }
      this.#cursor.next();
      const high = this.#classItem(start);
      if (typeof low === 'string' || typeof high === 'string' || high < low)
        return this.#cursor.fail('a range that is none', at);
      parts.push(rangeSource(low, high, flags.i));
    } while (!this.#cursor.take(']'));
    return `[${negated ? '^' : ''}${parts.join('')}]`;
  }

  /** The code of a character, or the source of a category. */
  #classItem(start: number): number | string {
    if (this.#cursor.isAtEnd) this.#cursor.fail('a [ that is never closed', start);
    const character = this.#cursor.next();
    if (character !== '\\') return character.codePointAt(0)!;
    const found = readClassEscape(this.#cursor);
    if (found.kind === 'character') return found.code;
    if (found.kind === 'category') return found.source;
    return this.#cursor.fail('a reference in a class', start);
  }
}
