import { pythonStrip } from '../python-text.js';

/**
 * lm-eval's `regex` filter. Every match counts as in Python's `findall`: the whole match without groups, else
 * the first group that is not empty. Returns the first or last of them, stripped, or null without a match.
 */
export function matchRegex(text: string, expression: RegExp, select: 'first' | 'last'): string | null {
  const global = new RegExp(
    expression.source,
    expression.flags.includes('g') ? expression.flags : `${expression.flags}g`,
  );
  let chosen: RegExpMatchArray | undefined;
  for (const match of text.matchAll(global)) {
    chosen = match;
    if (select === 'first') break;
  }
  if (chosen === undefined) return null;
  if (chosen.length === 1) return pythonStrip(chosen[0]);
  return pythonStrip(chosen.slice(1).find((group) => group !== undefined && group !== '') ?? '');
}
