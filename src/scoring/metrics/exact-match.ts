import { deleteAsciiPunctuation } from '../python-text.js';

export interface ExactMatchOptions {
  readonly ignoreCase: boolean;
  readonly ignorePunctuation: boolean;
  /** Regular expressions whose matches are deleted first, in order; `.` spans lines with the s flag only. */
  readonly ignore: readonly string[];
}

/** lm-eval's `exact_match` of one answer: delete, lower-case, drop punctuation on both sides, compare. */
export function exactMatch(answer: string, target: string, options: ExactMatchOptions): boolean {
  return normalise(answer, options) === normalise(target, options);
}

function normalise(text: string, options: ExactMatchOptions): string {
  let kept = text;
  for (const source of options.ignore) kept = kept.replace(new RegExp(source, 'g'), '');
  if (options.ignoreCase) kept = kept.toLowerCase();
  return options.ignorePunctuation ? deleteAsciiPunctuation(kept) : kept;
}
