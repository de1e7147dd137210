import { UsageError } from '../errors.js';

/** What stands between two ids: white space, or one comma with white space around it. */
const separator = /\s*,\s*|\s+/g;

/**
 * Token ids that are written out, separated by commas, white space or both.
 *
 * @param origin The flag, with its file if it has one: for messages, which name the place as well.
 * @throws UsageError `PROMPT`
 */
export function parsePromptIds(text: string, origin: string): number[] {
  const list = text.trimEnd();
  if (list === '') throw new UsageError('PROMPT', `the prompt is empty: ${origin} has no ids.`);
  const ids: number[] = [];
  let from = list.length - list.trimStart().length;
  const take = (to: number) => {
    const word = list.slice(from, to);
    if (!/^\d{1,9}$/.test(word)) throw noId(word, origin, placeOf(list, from, ids.length + 1));
    ids.push(Number(word));
  };
  for (const { index, 0: between } of list.matchAll(separator)) {
    if (index + between.length <= from) continue;
    take(index);
    from = index + between.length;
  }
  take(list.length);
  return ids;
}

function noId(word: string, origin: string, place: string): UsageError {
  const shown = word.length > 40 ? `${word.slice(0, 40)}...` : word;
  return new UsageError(
    'PROMPT',
    `${origin}: "${shown}" (${place}) is not a token id; write whole numbers from 0, as in 1,2,3.`,
  );
}

/** `id 3`, and the line where there are several. */
function placeOf(list: string, at: number, nth: number): string {
  if (!list.includes('\n')) return `id ${nth}`;
  return `id ${nth}, line ${list.slice(0, at).split('\n').length}`;
}
