/** `1 sample`, `2 samples`: a number with its noun, in digits grouped by three. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`;
}

/** Bytes in units of 10^9, with one digit: `16.0`. */
export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

/** Bytes in the unit that suits them: `4.3 MB`, `16.0 GB`. */
export function byteSize(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${gigabytes(bytes)} GB`;
}
