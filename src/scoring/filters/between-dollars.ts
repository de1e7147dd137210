/**
 * The text between the first and the last dollar sign, whatever dollar signs stand between them; the whole text
 * with fewer than two (lm-eval's `hendrycks_math` up to 0.4.9).
 */
export function extractBetweenDollars(text: string): string {
  const first = text.indexOf('$');
  const last = text.lastIndexOf('$');
  return first === last ? text : text.slice(first + 1, last);
}
