/** What a reference may be: digits, as Python's `int` reads them. */
const WHOLE = /^\s*[+-]?[0-9]+\s*$/;
const NUMBER = /^\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\s*$/;

/**
 * OpenCompass' comparison for GSM8K: equal strings, or |float(answer) - int(reference)| < 1e-6. The reference
 * is what stands after "#### " in the target, without commas; one that is no whole number equals its own
 * string only.
 */
export function numberEqual(answer: string, target: string): boolean {
  const reference = target.split('#### ').at(-1)!.replaceAll(',', '');
  if (answer === reference) return true;
  if (!NUMBER.test(answer) || !WHOLE.test(reference)) return false;
  return Math.abs(Number(answer) - Number(reference)) < 1e-6;
}
