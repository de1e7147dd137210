import { pythonStrip } from '../python-text.js';

/**
 * The answer in "Final Answer: The final answer is ... I hope it is correct.", the form that the exemplars of
 * `minerva_math` teach. The closing words are supplied when the text lacks them, as lm-eval does.
 */
export function extractFinalAnswer(text: string): string | null {
  const match = /Final Answer: The final answer is([^\n]*?)[^\n] I hope it is correct[^\n]/.exec(
    `${text} I hope it is correct.`,
  );
  return match === null ? null : pythonStrip(match[1]!);
}
