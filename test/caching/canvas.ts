import type { DecodeResult } from '../../src/decoding/loop.js';
import { replay } from '../../src/decoding/trace.js';
import type { RecordedPass } from '../oracle/recording-engine.js';
import type { Task } from '../oracle/run.js';

/**
 * What is wrong with the canvases of a sample, pass by pass: tokens replace masks by the predictions of the pass
 * and stay; a finished sample has no mask and a trace that tells the same story.
 *
 * @param result Absent if the sample ended with an error.
 */
export function canvasFault(
  { promptIds, generation }: Task,
  maskId: number,
  passes: readonly RecordedPass[],
  result: DecodeResult | undefined,
): string | undefined {
  const canvases = passes.map(({ request }) => request.tokens);
  if (result !== undefined) canvases.push(result.tokens);
  for (const [n, after] of canvases.slice(1).entries()) {
    const before = canvases[n]!;
    const changed = [...before.keys()].filter((p) => before[p] !== after[p]);
    if (changed.some((p) => before[p] !== maskId)) return `pass ${n} changed a token`;
    const proposed = new Set(passes[n]!.result.best);
    if (changed.some((p) => !proposed.has(after[p]!))) return `pass ${n} committed what no row predicted`;
    const told = result?.steps[n]?.committed.map(({ position }) => position);
    if (told !== undefined && told.join() !== changed.join()) return `pass ${n} tells other positions`;
  }
  if (result === undefined) return undefined;
  const { tokens, steps, nfe } = result;
  if (tokens.length !== promptIds.length + generation.genLength) return 'wrong length';
  if (promptIds.some((id, i) => tokens[i] !== id)) return 'the prompt changed';
  if (tokens.includes(maskId)) return 'masks are left';
  const again = replay(promptIds, generation.genLength, maskId, steps);
  if (again.join() !== tokens.join()) return 'the trace replays to other tokens';
  if (steps.some(({ step }, n) => step !== n) || steps.length !== passes.length) return 'steps miscounted';
  const runs = passes.filter(({ request }) => request.unconditionalPlan !== undefined).length;
  return nfe === passes.length + runs ? undefined : `${nfe} NFE in ${passes.length} + ${runs} passes`;
}
