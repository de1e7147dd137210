/** How a figure stands among those of its column. */
export type Rank = 'best' | 'second';

/**
 * Marks the best and the second best of some figures, the larger the better. Equal figures share a mark, and the
 * next smaller ones are second. Null has no mark, and neither has a figure that stands alone.
 */
export function ranks(values: readonly (number | null)[]): (Rank | undefined)[] {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return values.map(() => undefined);
  const [best, second] = [...new Set(known)].sort((a, b) => b - a);
  return values.map((value) => {
    if (value === null) return undefined;
    return value === best ? 'best' : value === second ? 'second' : undefined;
  });
}
