import { UsageError } from '../../errors.js';

/** A place in a pattern; characters are code points, as in Python. */
export class Cursor {
  readonly #pattern: string;
  readonly #characters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#characters = [...pattern];
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length;
  }

  /** The character `ahead` places on; empty beyond the end. */
  peek(ahead = 0): string {
    return this.#characters[this.#at + ahead] ?? '';
  }

  /** The next character, which is passed; empty at the end. */
  next(): string {
    return this.#characters[this.#at++] ?? '';
  }

  /** Passes `text` if it comes next. */
  take(text: string): boolean {
    const length = [...text].length;
    if (this.#characters.slice(this.#at, this.#at + length).join('') !== text) return false;
    this.#at += length;
    return true;
  }

  /** Passes and returns what the expression, anchored by `^`, finds in the rest; null where it finds nothing. */
  match(expression: RegExp): RegExpExecArray | null {
    const found = expression.exec(this.#characters.slice(this.#at).join(''));
    if (found !== null) this.#at += [...found[0]].length;
    return found;
  }

  /**
   * @param reason Sentence part.
   * @param at Place of the fault, counted from 0 as Python does.
   */
  fail(reason: string, at = this.#at): never {
    throw new UsageError(
      'PATTERN',
      `the Python pattern ${JSON.stringify(this.#pattern)} cannot be used: ${reason} at character ${at}`,
    );
  }
}
