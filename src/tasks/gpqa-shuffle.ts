import { pythonStrip } from '../scoring/python-text.js';
import { PythonRandom } from '../stats/python-random.js';

/** The four answers of a GPQA row, as published. A missing one is null. */
export interface GpqaAnswers {
  readonly correct: string | null;
  readonly incorrect: readonly [string | null, string | null, string | null];
}

/** A row with its options in the order shown. */
export interface ShuffledGpqa {
  readonly choices: readonly string[];
  /** Index of the right option; the first one, should two be equal. */
  readonly answer: number;
}

/**
 * Cleans and shuffles the options of all rows as lm-eval's `gpqa_*_generative_n_shot` does: one generator, one shuffle
 * of [incorrect 1, 2, 3, correct] a row, in the order of the file. The harness draws from Python's global
 * generator, whose state depends on what ran before; here it is one stream of its own (seed 0, the harness's
 * default), computed once for the whole file and used for questions and examples alike.
 */
export function shuffleGpqa(rows: readonly GpqaAnswers[], seed = 0): ShuffledGpqa[] {
  const random = new PythonRandom(seed);
  return rows.map(({ correct, incorrect }) => {
    const right = cleanGpqaAnswer(correct);
    const choices = [...incorrect.map(cleanGpqaAnswer), right];
    random.shuffle(choices);
    return { choices, answer: choices.indexOf(right) };
  });
}

/**
 * lm-eval's `preprocess` since version 0.4.9.3: a missing answer is one space, outer white space goes, ` [title]`
 * becomes `. `, each pair of spaces one. (Earlier versions also deleted all that stands in brackets, which damages
 * names of compounds.)
 */
export function cleanGpqaAnswer(text: string | null): string {
  if (text === null) return ' ';
  return pythonStrip(text).replaceAll(' [title]', '. ').replaceAll('  ', ' ');
}
