import { PythonRegex, pythonRegex } from '../python-regex.js';
import { escapeRegExp, pythonStrip } from '../python-text.js';
import { matchRegex } from './regex.js';

/** `A`, `B`, ... for the option at `index`. */
export function choiceLetter(index: number): string {
  return String.fromCharCode(65 + index);
}

/** The letter of the first "The answer is X" among the letters of `optionCount` options. */
export function extractStatedChoice(text: string, optionCount: number): string | null {
  const last = choiceLetter(optionCount - 1);
  return matchRegex(text, pythonRegex(`[Tt]he answer is:?\\s+\\(?([A-${last}])(?!\\w)`), 'first');
}

/** The first upper-case character, whatever it is (OpenCompass' `first_capital_postprocess`). */
export function extractFirstCapital(text: string): string | null {
  return /\p{Uppercase}/u.exec(text)?.[0] ?? null;
}

const BRACKETED = pythonRegex('(\\([A-Z]\\))');

/**
 * lm-eval's `multi_choice_regex` with GPQA's settings, in three stages, each of which is asked where the one
 * before finds nothing or an empty text: the last `(X)`; the last option text that stands in the output, both
 * lower-cased and without punctuation; the last `: X`, X the letter of an option. Returns `(X)`, or null.
 *
 * Two traps of the original are kept. An option that is all punctuation has an empty text, which is found last in
 * every output, so that the second stage finds nothing. An option that ends in a blank once its punctuation is
 * gone is found, but not known again: its text is the answer, and wrong.
 */
export function extractMultiChoice(text: string, choices: readonly string[]): string | null {
  const bracketed = matchRegex(text, BRACKETED, 'last');
  if (bracketed !== null || choices.length === 0) return bracketed;

  const texts = choices.map((choice) => plainText(pythonStrip(choice)));
  // Of two options with the same text the later one counts.
  const letterOf = new Map(texts.map((plain, index) => [plain, `(${choiceLetter(index)})`]));
  const named = matchRegex(plainText(text), new PythonRegex(texts.map(escapeRegExp).join('|')), 'last');
  if (named !== null && named !== '') return letterOf.get(named) ?? named;

  const letters = choices.map((_, index) => choiceLetter(index)).join('|');
  const letter = matchRegex(text, pythonRegex(`:[\\s]*(${letters})`), 'last');
  return letter === null ? null : `(${letter})`;
}

/** Lower-case and without Unicode punctuation. */
function plainText(text: string): string {
  return text.toLowerCase().replace(/\p{P}/gu, '');
}
