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
