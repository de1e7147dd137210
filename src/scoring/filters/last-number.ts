import { pythonRegex } from '../python-regex.js';
import { matchRegex } from './regex.js';

const NUMBER = pythonRegex(String.raw`\-?\d+\.\d+|\-?\d+`);

/**
 * OpenCompass' `gsm8k_postprocess`: the last number before the next "Question:", or `NULL`, which is its
 * answer too. A comma ends a number, so `1,250` gives `250`.
 */
export function extractLastNumber(text: string): string {
  return matchRegex(text.split('Question:')[0]!, NUMBER, 'last') ?? 'NULL';
}
