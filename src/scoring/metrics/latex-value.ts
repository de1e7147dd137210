/**
 * Value of an answer in the small LaTeX subset that MATH answers mostly use: integers and decimals with
 * thousands separators, `+ - * /`, `\cdot`, `\times`, powers, `\frac`, `\sqrt`, `\pi`, implicit products and
 * brackets. Returns null for anything else (a variable, a word, an open bracket, a division by zero): such
 * answers are compared as strings only.
 */
export function latexValue(source: string): number | null {
  const text = source
    .replace(/\\(?:left|right|!|,|;|:|quad|displaystyle)/g, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\s+/g, '')
    .replace(/(\d),(?=\d{3}(?!\d))/g, '$1');
  if (text === '' || text.length > 200) return null;
  try {
    const reader = new LatexReader(text);
    const value = reader.sum();
    return reader.done && Number.isFinite(value) ? value : null;
  } catch (error) {
    if (error instanceof NotAValue) return null;
    throw error;
  }
}

class NotAValue extends Error {}

/** Recursive descent over the text; every method reads one level of precedence and returns its value. */
class LatexReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take('+')) value += this.#product();
      else if (this.#take('-')) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#signed();
    for (;;) {
      if (this.#take('*') || this.#take('\\cdot') || this.#take('\\times')) value *= this.#signed();
      else if (this.#take('/') || this.#take('\\div')) value /= this.#signed();
      else if (/^(?:\\frac|\\sqrt|\\pi|\(|\{)/.test(this.#text.slice(this.#at))) value *= this.#power();
      else return value;
    }
  }

  #signed(): number {
    if (this.#take('-')) return -this.#signed();
    if (this.#take('+')) return this.#signed();
    return this.#power();
  }

  #power(): number {
    const base = this.#atom();
    return this.#take('^') ? base ** this.#argument() : base;
  }

  #atom(): number {
    if (this.#take('\\frac')) {
      const numerator = this.#argument();
      return numerator / this.#argument();
    }
    if (this.#take('\\sqrt')) {
      const degree = this.#take('[') ? this.#until(']') : 2;
      return this.#argument() ** (1 / degree);
    }
    if (this.#take('\\pi')) return Math.PI;
    if (this.#take('(')) return this.#until(')');
    if (this.#take('{')) return this.#until('}');
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(this.#text.slice(this.#at))?.[0];
    if (number === undefined) throw new NotAValue();
    this.#at += number.length;
    return Number(number);
  }

  /** What a TeX command takes: a brace group or a single digit. */
  #argument(): number {
    if (this.#take('{')) return this.#until('}');
    if (this.#take('\\pi')) return Math.PI;
    const digit = this.#text[this.#at];
    if (digit === undefined || !/\d/.test(digit)) throw new NotAValue();
    this.#at++;
    return Number(digit);
  }

  #until(close: string): number {
    const value = this.sum();
    if (!this.#take(close)) throw new NotAValue();
    return value;
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }
}
