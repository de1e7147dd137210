/** `[from, to)`, ascending. */
export function rowRange(from: number, to: number): Int32Array {
  return Int32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** Positions of `[from, flags.length)` whose flag is `value`, ascending. */
export function rowsWhere(flags: Uint8Array, value: 0 | 1, from = 0): Int32Array {
  const rows: number[] = [];
  for (let i = from; i < flags.length; i++) if (flags[i] === value) rows.push(i);
  return Int32Array.from(rows);
}

/** Positions counted from `first`. */
export function fromFirst(positions: Int32Array, first: number): Int32Array {
  return first === 0 ? positions : positions.map((position) => position - first);
}

/** Where each of `wanted` stands in the ascending `rows`. */
export function localIndices(rows: Int32Array, wanted: Int32Array): Int32Array {
  const places = new Int32Array(rows.at(-1)! + 1);
  for (let i = 0; i < rows.length; i++) places[rows[i]!] = i + 1;
  return wanted.map((row) => {
    const place = places[row];
    if (!place) throw new Error(`row ${row} is not among the computed rows`);
    return place - 1;
  });
}
