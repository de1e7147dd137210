import { pythonRegex } from '../python-regex.js';
import { matchRegex } from './regex.js';

const SENTENCE = pythonRegex('Final Answer: The final answer is(.*?). I hope it is correct.');

/**
 * The answer in "Final Answer: The final answer is ... I hope it is correct.", the form that the exemplars of
 * `minerva_math` teach. The closing words are put behind every text, as lm-eval does, so that an answer
 * that ends before them counts where a blank stands at its end.
 */
export function extractFinalAnswer(text: string): string | null {
  return matchRegex(`${text}I hope it is correct.`, SENTENCE, 'first');
}
