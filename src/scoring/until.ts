/**
 * The text before the first occurrence of each stop string, taken one after the other (lm-eval: every term
 * cuts what the terms before it left).
 */
export function cutAt(text: string, until: readonly string[]): string {
  let kept = text;
  for (const stop of until) {
    const at = stop === '' ? -1 : kept.indexOf(stop);
    if (at >= 0) kept = kept.slice(0, at);
  }
  return kept;
}
