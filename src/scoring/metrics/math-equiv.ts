import { hendrycksNormal, minervaNormal } from './latex-normal.js';
import { latexValue } from './latex-value.js';

/** Relative difference below which two values count as equal. */
const TOLERANCE = 1e-9;

/**
 * Whether two LaTeX answers are the same: equal strings after either normaliser of the MATH harnesses, or equal
 * values in the subset that `latexValue` reads; tuples, intervals and sets element by element. The harness asks
 * sympy, which has no counterpart here, so this metric goes under its own name.
 */
export function mathEquiv(answer: string, target: string): boolean {
  if (isNumberList(answer) !== isNumberList(target)) return false;
  if (hendrycksNormal(answer) === hendrycksNormal(target)) return true;
  const ours = minervaNormal(answer);
  const theirs = minervaNormal(target);
  if (ours === theirs) return ours !== '' || answer.trim() === target.trim();
  return sameValue(ours, theirs);
}

/** `1, 2, 3`, which Minerva's normaliser would join to 123; `1,250` is one number. */
function isNumberList(text: string): boolean {
  const bare = text.replace(/^[\s$]+|[\s$]+$/g, '');
  return /^-?\d+(\s*,\s*-?\d+)+$/.test(bare) && !/^-?\d{1,3}(,\d{3})+$/.test(bare);
}

function sameValue(ours: string, theirs: string): boolean {
  const a = latexValue(ours);
  const b = latexValue(theirs);
  if (a !== null && b !== null) return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
  const left = elements(ours);
  const right = elements(theirs);
  if (left === null || right === null || left.open !== right.open || left.close !== right.close) return false;
  if (left.items.length !== right.items.length) return false;
  return left.items.every((item, i) => item === right.items[i] || sameValue(item, right.items[i]!));
}

/** `(1, \frac{1}{2}]` -> its brackets and its parts, split at the commas outside braces; null for anything else. */
function elements(text: string): { open: string; close: string; items: string[] } | null {
  const match = /^(\\\{|[([])(.*)(\\\}|[)\]])$/s.exec(text.replace(/\\left|\\right/g, ''));
  if (match === null) return null;
  const items: string[] = [''];
  let depth = 0;
  for (const character of match[2]!) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    if (character === ',' && depth === 0) items.push('');
    else items[items.length - 1] += character;
  }
  return items.length < 2 ? null : { open: match[1]!, close: match[3]!, items };
}
