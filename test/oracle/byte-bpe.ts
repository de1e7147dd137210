/** Byte-level BPE written down plainly, apart from the library that the product uses: for tests only. */
export interface BpeSpec {
  /** Unicode normalisation before anything else. */
  readonly nfc: boolean;
  /** Cuts a text into the pieces that are merged apart from each other. */
  readonly pieces: (text: string) => string[];
  /** Merges of tokens by rank, each two strings of byte letters. */
  readonly merges: readonly (readonly [string, string])[];
  /** Ids of tokens, spelled in byte letters. */
  readonly vocab: ReadonlyMap<string, number>;
  /** Ids of special tokens, taken out of a text before all else. */
  readonly specials: ReadonlyMap<string, number>;
}

/** GPT-2's letter for each byte: printable ones stand for themselves, the others for letters from U+0100. */
export const byteLetters: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(printable ? byte : next++);
  });
})();

export function encodeByteBpe(spec: BpeSpec, text: string): number[] {
  const ids: number[] = [];
  let plain = '';
  const flush = () => {
    const source = spec.nfc ? plain.normalize('NFC') : plain;
    for (const piece of spec.pieces(source)) ids.push(...mergePiece(spec, piece));
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    const special = [...spec.specials.keys()].find((token) => text.startsWith(token, at));
    if (special === undefined) {
      plain += text[at++];
      continue;
    }
    flush();
    ids.push(spec.specials.get(special)!);
    at += special.length;
  }
  flush();
  return ids;
}

function mergePiece({ merges, vocab }: BpeSpec, piece: string): number[] {
  const parts = [...new TextEncoder().encode(piece)].map((byte) => byteLetters[byte]!);
  for (;;) {
    let best = { rank: merges.length, at: -1 };
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = merges.findIndex(([a, b]) => a === parts[i] && b === parts[i + 1]);
      if (rank >= 0 && rank < best.rank) best = { rank, at: i };
    }
    if (best.at < 0) return parts.map((part) => vocab.get(part)!);
    parts.splice(best.at, 2, parts[best.at]! + parts[best.at + 1]!);
  }
}

/** Learns `count` merges from texts, the most frequent pair first. */
export function learnMerges(pieces: readonly string[], count: number): [string, string][] {
  const words = pieces.map((piece) => [...new TextEncoder().encode(piece)].map((byte) => byteLetters[byte]!));
  const merges: [string, string][] = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const [top] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    if (top === undefined || top[1] < 2) break;
    const [a, b] = top[0].split(' ') as [string, string];
    merges.push([a, b]);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === a && word[i + 1] === b) word.splice(i, 2, a + b);
      }
    }
  }
  return merges;
}
