import { pythonRegex } from '../python-regex.js';
import { matchRegex } from './regex.js';

const STRICT = pythonRegex(String.raw`#### (\-?[0-9\.\,]+)`);
const FLEXIBLE = pythonRegex('(-?[$0-9.,]{2,})|(-?[0-9]+)');

/**
 * lm-eval's two filters of `gsm8k`: `strict` reads the first number after "#### ", `flexible` the last number
 * anywhere, with its traps kept (`...` at the end is "the last number").
 */
export function extractGsm8k(text: string, mode: 'strict' | 'flexible'): string | null {
  return mode === 'strict' ? matchRegex(text, STRICT, 'first') : matchRegex(text, FLEXIBLE, 'last');
}
