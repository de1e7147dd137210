import { escapeRegExp } from '../python-text.js';
import { matchRegex } from './regex.js';

/** `A`, `B`, ... for the option at `index`. */
export function choiceLetter(index: number): string {
  return String.fromCharCode(65 + index);
}

/** The letter of the first "The answer is X" among the letters of `optionCount` options. */
export function extractStatedChoice(text: string, optionCount: number): string | null {
  const last = choiceLetter(optionCount - 1);
  return matchRegex(text, new RegExp(`[Tt]he answer is:?\\s+\\(?([A-${last}])(?![A-Za-z0-9_])`), 'first');
}

/** The first upper-case character, whatever it is (OpenCompass' `first_capital_postprocess`). */
export function extractFirstCapital(text: string): string | null {
  return /\p{Lu}/u.exec(text)?.[0] ?? null;
}

/**
 * lm-eval's `multi_choice_regex` with GPQA's settings, in three stages: the last `(X)`; else the last option
 * text that stands in the output, both lower-cased and without punctuation; else the last `: X`. Returns
 * `(X)`, or null.
 */
export function extractMultiChoice(text: string, choices: readonly string[]): string | null {
  const bracketed = matchRegex(text, /(\([A-Z]\))/, 'last');
  if (bracketed !== null) return bracketed;

  const letterOf = new Map<string, string>();
  choices.forEach((choice, index) => {
    const plain = withoutPunctuation(choice);
    if (plain !== '') letterOf.set(plain, choiceLetter(index));
  });
  if (letterOf.size > 0) {
    const options = new RegExp([...letterOf.keys()].map(escapeRegExp).join('|'), 'g');
    const named = [...withoutPunctuation(text).matchAll(options)].at(-1)?.[0];
    if (named !== undefined) return `(${letterOf.get(named)})`;
  }

  const letter = matchRegex(text, /:\s*([A-D])/, 'last');
  return letter === null ? null : `(${letter})`;
}

function withoutPunctuation(text: string): string {
  return text.toLowerCase().replace(/\p{P}/gu, '').trim();
}
