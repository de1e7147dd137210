import { z } from 'zod';
import type { CodeFrame } from './filters/code.js';

/** A regular expression in JavaScript's syntax that compiles. */
const pattern = z.string().superRefine((source, context) => {
  try {
    new RegExp(source);
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `is not a regular expression (${(error as Error).message})`,
    });
  }
});

/** How an answer is read out of the response text. */
export const filterSpec = z.discriminatedUnion('kind', [
  /** lm-eval's `regex` filter: every match in the sense of Python's `findall`, then one of them. */
  z.strictObject({
    kind: z.literal('regex'),
    pattern,
    flags: z
      .string()
      .regex(/^[ims]*$/, 'may only hold i, m and s')
      .default(''),
    select: z.enum(['first', 'last']).default('first'),
  }),
  /** The number after `####` (strict) or the last number of the text (flexible), as lm-eval's `gsm8k`. */
  z.strictObject({ kind: z.literal('gsm8k'), mode: z.enum(['strict', 'flexible']) }),
  /** The last number before "Question:", or NULL (OpenCompass). */
  z.strictObject({ kind: z.literal('last-number') }),
  /** The letter in the first "The answer is X". */
  z.strictObject({ kind: z.literal('choice-stated') }),
  /** The first upper-case character (OpenCompass). */
  z.strictObject({ kind: z.literal('first-capital') }),
  /** The first option letter by an ordered list of phrasings (OpenCompass). */
  z.strictObject({ kind: z.literal('first-option') }),
  /** lm-eval's `multi_choice_regex`, the flexible-extract of GPQA. */
  z.strictObject({ kind: z.literal('multi-choice') }),
  /** The content of the last \boxed{...}. */
  z.strictObject({ kind: z.literal('boxed') }),
  /** The sentence "Final Answer: The final answer is ...", as lm-eval's `minerva_math`. */
  z.strictObject({ kind: z.literal('final-answer') }),
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
  /** Equal LaTeX after the normalisers of the MATH harnesses, or equal in value. */
  z.strictObject({ kind: z.literal('math-equal') }),
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
