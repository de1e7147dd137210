import { pythonStrip } from '../python-text.js';

const LETTER = '([ABCD])';
const STATED = ['answer is option', 'correct answer is', 'correct answer is option'];
const BOXED = ['correct answer is', 'correct option is', 'correct answer option is'];

/** Most telling first. `.` spans lines; the text is stripped, so `$` means the same as in Python. */
const PATTERNS: readonly RegExp[] = [
  new RegExp(`[\\s，：:,]${LETTER}[。，,.]?$`, 's'),
  new RegExp(`ANSWER\\s*:\\s*${LETTER}`, 'is'),
  new RegExp(`[Tt]he answer is:?\\s+\\(?\\*?\\*?${LETTER}`, 's'),
  ...STATED.map((words) => new RegExp(`[Tt]he ${words}:?\\s+\\(?${LETTER}`, 's')),
  ...BOXED.map((words) => new RegExp(`[Tt]he ${words}:?.*?boxed\\{${LETTER}\\}`, 's')),
  new RegExp(`[Tt]he answer to the question is:?\\s+\\(?${LETTER}`, 's'),
  /^()[ABCD][\s。，,：:.$]/s,
  /1.\s?(.*?)$/s,
  /([ABCD]):/s,
  /([ABCD])/s,
];

/**
 * OpenCompass' `first_option_postprocess(text, 'ABCD')` without its Chinese phrasings: a letter that ends the
 * text, else a stated answer, else a letter that opens the text, else the first letter anywhere ("A metal
 * spoon" gives A). A pattern whose group 1 (or match, when that is empty) holds no letter passes on to the next.
 */
export function extractFirstOption(text: string): string | null {
  const stripped = pythonStrip(text);
  for (const pattern of PATTERNS) {
    const match = pattern.exec(stripped);
    if (match === null) continue;
    const found = match[1] || match[0];
    const letter = [...'ABCD'].find((option) => found.includes(option));
    if (letter !== undefined) return letter;
  }
  return null;
}
