import { hendrycksHead } from './latex-normal.js';

/**
 * `is_equiv` of the MATH data set, as lm-eval's `hendrycks_math` has it: equal strings after `strip_string`; where
 * that breaks off with an error for one of the two, equal strings as they are.
 */
export function hendrycksEqual(answer: string, target: string): boolean {
  const ours = stripped(answer);
  const theirs = stripped(target);
  return ours === null || theirs === null ? answer === target : ours === theirs;
}

/** Null where the original breaks off: two units, a root or fraction without content, `x/2`. */
function stripped(answer: string): string | null {
  const head = hendrycksHead(answer);
  if (head === null || head === '') return head;
  const rooted = bracedRoots(head);
  const text = rooted === null ? null : bracedFractions(rooted.replaceAll(' ', ''));
  if (text === null) return null;
  return slashFraction(text === '0.5' ? '\\frac{1}{2}' : text);
}

/** `\sqrt3` -> `\sqrt{3}`; a root at the end is an error. */
function bracedRoots(text: string): string | null {
  const [start, ...rest] = text.split('\\sqrt');
  if (rest.includes('')) return null;
  const braced = rest.map((part) => {
    const [first, ...tail] = part;
    return first === '{' ? part : `{${first}}${tail.join('')}`;
  });
  return [start, ...braced].join('\\sqrt');
}

/**
 * `\frac12` -> `\frac{1}{2}`, `\frac1{72}` -> `\frac{1}{72}`. A fraction at the end is an error, and one with a
 * single character after it leaves the whole text as it was.
 */
function bracedFractions(text: string): string | null {
  const [start, ...rest] = text.split('\\frac');
  let written = start!;
  for (const part of rest) {
    if (part === '') return null;
    const [numerator, denominator, ...tail] = part;
    if (numerator === '{') written += `\\frac${part}`;
    else if (denominator === undefined) return text;
    else if (denominator === '{') written += `\\frac{${numerator}}${denominator}${tail.join('')}`;
    else written += `\\frac{${numerator}}{${denominator}}${tail.join('')}`;
  }
  return written;
}

/** `3/4` -> `\frac{3}{4}`; what is no whole number beside a single slash is an error. */
function slashFraction(text: string): string | null {
  const sides = text.split('/');
  if (sides.length !== 2) return text;
  // Python's int takes signs, zeros and underscores, which its own writing of a number does not have.
  if (!sides.every((side) => /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(side))) return null;
  const plain = sides.every((side) => /^(?:0|-?[1-9]\d*)$/.test(side));
  return plain ? `\\frac{${sides[0]}}{${sides[1]}}` : text;
}
