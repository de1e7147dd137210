import { asciiDigits, pythonStrip } from '../python-text.js';

const WHOLE = /^[+-]?[0-9]+$/;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/;

/**
 * OpenCompass' comparison for GSM8K: equal strings, or |float(answer) - int(reference)| < 1e-6. The reference
 * is what stands after "#### " in the target, without commas; one that is no whole number equals its own
 * string only.
 */
export function numberEqual(answer: string, target: string): boolean {
  const reference = target.split('#### ').at(-1)!.replaceAll(',', '');
  if (answer === reference) return true;
  const [ours, theirs] = [answer, reference].map((text) => asciiDigits(pythonStrip(text))) as [
    string,
    string,
  ];
  return NUMBER.test(ours) && WHOLE.test(theirs) && Math.abs(Number(ours) - Number(theirs)) < 1e-6;
}
