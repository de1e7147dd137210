import { openCompassNormal } from '../metrics/latex-normal.js';
import { pythonRegex } from '../python-regex.js';

const STATES_ANSWER = pythonRegex('final answer|answer is');
const DOUBLE_BRACES = pythonRegex('^{(.*)}$');

/**
 * OpenCompass' `math_postprocess_v2` (its `math_0shot` configs): the content of the last `\boxed{...}` unless it is
 * empty; else the first sentence with "final answer" or "answer is", else the first sentence, normalised. A full
 * stop ends a sentence, also one inside of a number.
 */
export function extractBoxedOrSentence(text: string): string {
  const boxed = lastBox(text);
  if (boxed !== null && boxed !== '') return boxed;
  const sentences = text.split('.');
  const stated = sentences.find((sentence) => STATES_ANSWER.search(sentence.toLowerCase()) !== null);
  return openCompassNormal(stated ?? sentences[0]!);
}

/** Unlike `extractBoxed` it counts escaped braces, knows no other form, and takes a second pair of braces off. */
function lastBox(text: string): string | null {
  const opening = '\\boxed{';
  const start = text.lastIndexOf('\\boxed');
  if (start < 0 || !text.startsWith(opening, start)) return null;
  const content = start + opening.length;
  let depth = 1;
  for (let i = content; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}') depth--;
    if (depth > 0) continue;
    const inside = text.slice(content, i);
    return DOUBLE_BRACES.search(inside)?.groups[0] ?? inside;
  }
  return null;
}
