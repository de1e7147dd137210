/** Pairs of words that are compared at most: more would be felt. */
const mostPairs = 4_000_000;

/**
 * Which words two texts share, by their longest common subsequence; of very long texts by their common beginning and
 * end.
 *
 * @param {string} own
 * @param {string} other
 * @returns {[own: {text: string, same: boolean}[], other: {text: string, same: boolean}[]]} Pieces that are the texts again.
 */
export function sharedWords(own, other) {
  const a = wordsOf(own);
  const b = wordsOf(other);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  const [sameA, sameB] = common(middleA, middleB);
  const isSame = (flags, length) => (i) => i < start || i >= length - end || flags[i - start] === true;
  return [pieces(a, isSame(sameA, a.length)), pieces(b, isSame(sameB, b.length))];
}

function wordsOf(text) {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function common(a, b) {
  const sameA = [];
  const sameB = [];
  if (a.length * b.length > mostPairs) return [sameA, sameB];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      sameA[i++] = true;
      sameB[j++] = true;
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
    else j++;
  }
  return [sameA, sameB];
}

function pieces(words, isSame) {
  const found = [];
  for (const [i, word] of words.entries()) {
    const same = isSame(i);
    const last = found.at(-1);
    if (last?.same === same) last.text += word;
    else found.push({ text: word, same });
  }
  return found;
}
