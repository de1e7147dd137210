/**
 * Positions `centre - floor(w/2) .. centre + floor(w/2)`, cut at `[start, end)` (paper, eq. 7).
 */
export function clippedWindow(centre: number, size: number, start: number, end: number): number[] {
  const reach = Math.floor(size / 2);
  return range(Math.max(start, centre - reach), Math.min(end, centre + reach + 1));
}

/**
 * The same `2 * floor(w/2) + 1` positions, moved inside `[start, end)` instead of cut; everything if the
 * window is not smaller than the range. The released code's `window` (Dynamic-dLLM repository, LLaDA hook).
 */
export function shiftedWindow(centre: number, size: number, start: number, end: number): number[] {
  const length = end - start;
  if (size >= length) return range(start, end);
  const reach = Math.floor(size / 2);
  const count = Math.min(2 * reach + 1, length);
  const first = Math.min(Math.max(centre - reach, start), end - count);
  return range(first, first + count);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
