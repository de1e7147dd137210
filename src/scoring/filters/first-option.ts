import { pythonRegex } from '../python-regex.js';
import { pythonStrip } from '../python-text.js';

const LETTER = '([ABCD])';
const STATED = ['answer is option', 'correct answer is', 'correct answer is option'];
const BOXED = ['correct answer is', 'correct option is', 'correct answer option is'];

/** Most telling first; `.` spans lines. */
const PATTERNS = [
  `[\\s，：:,]${LETTER}[。，,.]?$`,
  `(?i)ANSWER\\s*:\\s*${LETTER}`,
  `[Tt]he answer is:?\\s+\\(?\\*?\\*?${LETTER}`,
  ...STATED.map((words) => `[Tt]he ${words}:?\\s+\\(?${LETTER}`),
  ...BOXED.map((words) => `[Tt]he ${words}:?.*?boxed\\{${LETTER}\\}`),
  `[Tt]he answer to the question is:?\\s+\\(?${LETTER}`,
  '(\\s|^)[ABCD][\\s。，,：:.$]',
  '1.\\s?(.*?)$',
  '([ABCD]):',
  '([ABCD])',
].map((source) => pythonRegex(source, 's'));

/**
 * OpenCompass' `first_option_postprocess(text, 'ABCD')` without its Chinese phrasings: a letter that ends the
 * text, else a stated answer, else a letter that opens the text, else the first letter anywhere ("A metal
 * spoon" gives A). A pattern whose group 1 (or match, when that is empty) holds no letter passes on to the next.
 */
export function extractFirstOption(text: string): string | null {
  const stripped = pythonStrip(text);
  for (const pattern of PATTERNS) {
    const match = pattern.search(stripped);
    if (match === null) continue;
    const found = match.groups[0] || match.text;
    const letter = [...'ABCD'].find((option) => found.includes(option));
    if (letter !== undefined) return letter;
  }
  return null;
}
