import type { LongCanvases } from './manifest.js';

/** What a table and a run say of canvases that are longer than the model was made for. */
export function longCanvasesText(long: LongCanvases): string {
  const { model, benchmark, samples, of, longestTokens, maxSequenceLength, refused } = long;
  const outcome =
    refused === true
      ? 'these samples fail; take a task with fewer examples, a lower generation.genLength, or (on the processor) generation.longCanvas=decode'
      : 'its answers there mean little';
  return (
    `${benchmark}: ${samples} of ${of} canvases (up to ${longestTokens} tokens) are longer than the ${maxSequenceLength} ` +
    `that model ${model} was made for; ${outcome}`
  );
}
