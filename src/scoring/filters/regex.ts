import type { PythonMatch, PythonRegex } from '../python-regex.js';
import { pythonStrip } from '../python-text.js';

/**
 * lm-eval's `regex` filter. Every match counts as in Python's `findall`: the whole match without groups, else
 * the first group that is not empty. Returns the first or last of them, stripped, or null without a match.
 */
export function matchRegex(text: string, expression: PythonRegex, select: 'first' | 'last'): string | null {
  let chosen: PythonMatch | null = null;
  if (select === 'first') chosen = expression.search(text);
  else for (const match of expression.matches(text)) chosen = match;
  if (chosen === null) return null;
  if (chosen.groups.length === 0) return pythonStrip(chosen.text);
  return pythonStrip(chosen.groups.find((group) => group !== undefined && group !== '') ?? '');
}
