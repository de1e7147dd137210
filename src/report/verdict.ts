/** Whether a speed-up comes with the baseline's accuracy and answer length, as the `verdict` column says. */
export type Validity = 'valid' | 'unproven' | 'invalid';

/** What the `verdict` column of summary.csv says, taken apart. */
export interface Verdict {
  /** `same within 1 point`, `worse`, ...; empty for the baseline. */
  readonly accuracy: string;
  /** Undefined where nothing is said of the speed-up. */
  readonly validity: Validity | undefined;
  /** The words behind `validity`, with their reason. */
  readonly speedup: string;
}

/** Marks behind a speed-up. */
export const validityMarks: Readonly<Record<Validity, string>> = { valid: '', unproven: '?', invalid: 'x' };

/** The beginnings of what the column says of a speed-up; stats/verdict.ts has the whole sentences. */
const beginnings: readonly (readonly [words: string, validity: Validity])[] = [
  ['speed-up valid', 'valid'],
  ['speed-up not valid', 'invalid'],
  ['speed-up not shown to be valid', 'unproven'],
];

/** Takes `<on accuracy>; speed-up <valid or not>` apart. Either part may be missing. */
export function parseVerdict(text: string): Verdict {
  const at = text.search(/(?:^|; )speed-up /);
  const accuracy = at === -1 ? text : text.slice(0, at);
  const speedup = at === -1 ? '' : text.slice(at).replace(/^; /, '');
  const validity = beginnings.find(([words]) => speedup.startsWith(words))?.[1];
  return { accuracy, validity, speedup };
}

/** The least good of the validities of some parts; undefined if none has one. */
export function worstValidity(parts: readonly (Validity | undefined)[]): Validity | undefined {
  return (['invalid', 'unproven', 'valid'] as const).find((validity) => parts.includes(validity));
}
