import type { LongCanvases } from './manifest.js';

/** What a table and a run say of canvases that are longer than the model was made for. */
export function longCanvasesText({
  model,
  benchmark,
  samples,
  of,
  longestTokens,
  maxSequenceLength,
}: LongCanvases): string {
  return (
    `${benchmark}: ${samples} of ${of} canvases (up to ${longestTokens} tokens) are longer than the ${maxSequenceLength} ` +
    `that model ${model} was made for; its answers there mean little`
  );
}
