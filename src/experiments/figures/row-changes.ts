/**
 * `1 - cos` of each row of two `[rows * width]` matrices, `[rows]`, as `|a/|a| - b/|b||^2 / 2` in float64: no
 * cancellation near 0, and exactly 0 for equal rows. Two rows of zeros did not change; one of them did by 1.
 */
export function rowChanges(now: Float32Array, before: Float32Array, rows: number): Float64Array {
  const width = now.length / rows;
  const changes = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    const [a, b] = [norm(now, start, width), norm(before, start, width)];
    if (a === 0 || b === 0) {
      changes[row] = a === b ? 0 : 1;
      continue;
    }
    let sum = 0;
    for (let i = start; i < start + width; i++) {
      const difference = now[i]! / a - before[i]! / b;
      sum += difference * difference;
    }
    changes[row] = sum / 2;
  }
  return changes;
}

function norm(data: Float32Array, start: number, width: number): number {
  let sum = 0;
  for (let i = start; i < start + width; i++) sum += data[i]! * data[i]!;
  return Math.sqrt(sum);
}
