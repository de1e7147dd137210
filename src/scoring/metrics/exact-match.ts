import { pythonRegex } from '../python-regex.js';
import { deleteAsciiPunctuation } from '../python-text.js';

export interface ExactMatchOptions {
  readonly ignoreCase: boolean;
  readonly ignorePunctuation: boolean;
  /** Python regular expressions whose matches are deleted first, in order. */
  readonly ignore: readonly string[];
}

/** lm-eval's `exact_match` of one answer: delete, lower-case, drop punctuation on both sides, compare. */
export function exactMatch(answer: string, target: string, options: ExactMatchOptions): boolean {
  return normalise(answer, options) === normalise(target, options);
}

function normalise(text: string, options: ExactMatchOptions): string {
  let kept = text;
  for (const source of options.ignore) kept = pythonRegex(source).remove(kept);
  if (options.ignoreCase) kept = kept.toLowerCase();
  return options.ignorePunctuation ? deleteAsciiPunctuation(kept) : kept;
}
