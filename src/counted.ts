/** `1 sample`, `2 samples`: a number with its noun, in digits grouped by three. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`;
}
