export type PassKind = 'full' | 'partial';

/** Passes that compute every row in every layer, and the others; a kind without passes is left out. */
export function byPassKind<P>(
  passes: readonly P[],
  isFull: (pass: P) => boolean,
): [kind: PassKind, passes: readonly P[]][] {
  const kinds: [PassKind, readonly P[]][] = [
    ['full', passes.filter(isFull)],
    ['partial', passes.filter((pass) => !isFull(pass))],
  ];
  return kinds.filter(([, list]) => list.length > 0);
}
