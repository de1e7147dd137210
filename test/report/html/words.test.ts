import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/paths.js';

type Pieces = readonly { readonly text: string; readonly same: boolean }[];

const { sharedWords } = (await import(pathToFileURL(join(packageRoot, 'page', 'words.js')).href)) as {
  sharedWords(own: string, other: string): [Pieces, Pieces];
};

const text = (pieces: Pieces) => pieces.map((piece) => piece.text).join('');
const shared = (pieces: Pieces) => text(pieces.filter(({ same }) => same));

test('pieces are the texts again, and both share the same words in the same order', () => {
  const words = fc.array(fc.constantFrom('a', 'bb', ' ', '\n', '.', 'é', '😀', '#### ', '12'), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(words, words, (a, b) => {
      const [own, other] = sharedWords(a.join(''), b.join(''));
      expect([text(own), text(other)]).toEqual([a.join(''), b.join('')]);
      expect(shared(own)).toBe(shared(other));
    }),
  );
});

test('one word that differs is marked alone', () => {
  expect(sharedWords('There are 9 left.', 'There are 11 left.')[0]).toEqual([
    { text: 'There are ', same: true },
    { text: '9', same: false },
    { text: ' left.', same: true },
  ]);
});

test('equal and empty texts have nothing to mark', () => {
  expect(sharedWords('a b', 'a b')).toEqual([[{ text: 'a b', same: true }], [{ text: 'a b', same: true }]]);
  expect(sharedWords('', 'x')).toEqual([[], [{ text: 'x', same: false }]]);
});

test('texts too long to compare word by word share their beginning and end', () => {
  const long = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${i % 7}`).join(' ');
  const [own] = sharedWords(`start ${long('a')} end`, `start ${long('b')} end`);
  expect(own.map(({ same }) => same)).toEqual([true, false, true]);
});
