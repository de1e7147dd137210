import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { CodeFrame } from './filters/code.js';
import { pythonRegex } from './python-regex.js';

/** Why a pattern cannot be used, as a message; undefined for one that can. */
function patternFault(source: string, flags = ''): string | undefined {
  try {
    pythonRegex(source, flags);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** A Python regular expression (`python-regex.ts`). */
const pattern = z.string().superRefine((source, context) => {
  const message = patternFault(source);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** The answer where nothing fits, which the metric judges like any other; null = none, and wrong. */
const fallback = z.string().nullable().default(null);

/** How an answer is read out of the response text. */
export const filterSpec = z.discriminatedUnion('kind', [
  /** lm-eval's `regex` filter: every match in the sense of Python's `findall`, then one of them. */
  z
    .strictObject({
      kind: z.literal('regex'),
      /** Of Python. */
      pattern: z.string(),
      /** Python's IGNORECASE, MULTILINE and DOTALL. */
      flags: z
        .string()
        .regex(/^[ims]*$/, 'may only hold i, m and s')
        .default(''),
      select: z.enum(['first', 'last']).default('first'),
      /** lm-eval: `[invalid]`; OpenCompass' GPQA: a blank. */
      fallback,
    })
    .superRefine(({ pattern, flags }, context) => {
      const message = patternFault(pattern, flags);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['pattern'], message });
    }),
  /** The number after `####` (strict) or the last number of the text (flexible), as lm-eval's `gsm8k`. */
  z.strictObject({ kind: z.literal('gsm8k'), mode: z.enum(['strict', 'flexible']), fallback }),
  /** The last number before "Question:", or NULL (OpenCompass). */
  z.strictObject({ kind: z.literal('last-number') }),
  /** The letter in the first "The answer is X". */
  z.strictObject({ kind: z.literal('choice-stated') }),
  /** The first upper-case character (OpenCompass). */
  z.strictObject({ kind: z.literal('first-capital') }),
  /** The first option letter by an ordered list of phrasings (OpenCompass). */
  z.strictObject({ kind: z.literal('first-option') }),
  /** lm-eval's `multi_choice_regex`, the flexible-extract of GPQA. */
  z.strictObject({ kind: z.literal('multi-choice'), fallback }),
  /** The content of the last \boxed{...}. */
  z.strictObject({ kind: z.literal('boxed') }),
  /** What stands in the last box, else the sentence that states the answer, else the first (OpenCompass). */
  z.strictObject({ kind: z.literal('boxed-or-sentence') }),
  /** The text between the first and the last dollar sign, as lm-eval's `hendrycks_math`. */
  z.strictObject({ kind: z.literal('between-dollars') }),
  /**
   * The sentence "Final Answer: The final answer is ...", as lm-eval's `minerva_math`, whose fallback is
   * `[invalidanswer]`.
   */
  z.strictObject({ kind: z.literal('final-answer'), fallback }),
  /**
   * The candidate program of a HumanEval sample: prompt + output (lm-eval's `humaneval`), prompt + output up to the
   * first fence (`humaneval_instruct`), the sanitiser's (it takes the response uncut), or prompt + the first fenced
   * block (OpenCompass).
   */
  z.strictObject({
    kind: z.literal('code'),
    assemble: z.enum(['concatenate', 'instruct', 'sanitise', 'opencompass']).default('concatenate'),
  }),
  /** The whole text, stripped. */
  z.strictObject({ kind: z.literal('whole') }),
]);

/** How an extracted answer is compared with the target. */
export const metricSpec = z.discriminatedUnion('kind', [
  /** lm-eval's `exact_match`; the options apply to answer and target alike. */
  z.strictObject({
    kind: z.literal('exact-match'),
    ignoreCase: z.boolean().default(false),
    ignorePunctuation: z.boolean().default(false),
    ignore: z.array(pattern).default([]),
  }),
  /** Equal strings, or a number within 1e-6 of a whole reference (OpenCompass' GSM8K). */
  z.strictObject({ kind: z.literal('number-equal') }),
  /** Equal strings after the normaliser of the MATH data set, as lm-eval's `hendrycks_math`. */
  z.strictObject({ kind: z.literal('hendrycks-equal') }),
  /** Equal LaTeX after the normalisers of the MATH harnesses, or equal in value; not sympy's verdict. */
  z.strictObject({ kind: z.literal('math-equiv') }),
  /** The program built from the answer passes the record's tests in the sandbox. */
  z.strictObject({ kind: z.literal('tests-pass') }),
]);

/** One way to score a benchmark: cut the text, read the answer, compare. */
export const scorerSpec = z.strictObject({
  name: z.string().min(1),
  filter: filterSpec,
  metric: metricSpec,
});

export type FilterSpec = z.infer<typeof filterSpec>;
export type MetricSpec = z.infer<typeof metricSpec>;
export type ScorerSpec = z.infer<typeof scorerSpec>;

/** What scoring must know of a task. The first scorer decides; the others are reported beside it. */
export interface Scorable {
  /** The text is cut before the first occurrence of each of these, one after the other. */
  readonly until: readonly string[];
  readonly scorers: readonly [ScorerSpec, ...ScorerSpec[]];
}

/** What scoring must know of a sample. */
export interface Gold {
  /** The reference: a number, an option letter, the content of \boxed, or a reference program. */
  readonly target: string;
  /** Option texts in the order shown (letters A, B, ...). */
  readonly choices?: readonly string[];
  /** For code: what the completion is put between. */
  readonly code?: CodeFrame;
}
