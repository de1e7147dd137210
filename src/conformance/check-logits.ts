import type { Deviations } from './deviations.js';
import type { LogitsCallsVector } from './vector.js';

/** Largest absolute difference that counts as the same logit. */
export const logitTolerance = 1e-3;

/** The largest absolute difference between logits and their record, `[rows, vocab]`. */
export function maxAbsError(
  ours: ArrayLike<number>,
  recorded: ArrayLike<number>,
  deviations: Deviations,
): number {
  if (ours.length !== recorded.length) return Number.POSITIVE_INFINITY;
  let max = 0;
  for (let i = 0; i < recorded.length; i++) {
    const error = deviations.logits(ours[i]!, recorded[i]!);
    // Not `>`: a NaN must count as an error.
    if (!(error <= max)) max = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return max;
}

/** The first difference between the logits of the rows of a call and the record of that call. */
export function callDifference(
  positions: Int32Array,
  logits: Float32Array,
  vocab: number,
  call: LogitsCallsVector['calls'][number],
  deviations: Deviations,
): string | undefined {
  const indexOf = new Map(Array.from(positions, (position, i) => [position, i]));
  const missing = call.positions.find((position) => !indexOf.has(position));
  if (missing !== undefined) return `call ${call.call} did not compute position ${missing}`;
  const rows = call.positions.map((position) => {
    const i = indexOf.get(position)!;
    return logits.subarray(i * vocab, (i + 1) * vocab);
  });
  for (const [i, row] of rows.entries()) {
    const where = `call ${call.call} position ${call.positions[i]}`;
    const max = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const logsumexp = max + Math.log(row.reduce((sum, z) => sum + Math.exp(z - max), 0));
    if (row.indexOf(max) !== call.argmax[i])
      return `${where}: argmax ${row.indexOf(max)}, recorded ${call.argmax[i]}`;
    for (const [what, ours, theirs] of [
      ['largest logit', max, call.max_logit[i]!],
      ['logsumexp', logsumexp, call.logsumexp[i]!],
    ] as const) {
      if (!(deviations.logits(ours, theirs) <= logitTolerance))
        return `${where}: ${what} ${ours}, recorded ${theirs}`;
    }
  }
  if (call.logits_f32_le_base64 === undefined) return undefined;
  const recorded = decodeFloats(call.logits_f32_le_base64);
  const error = maxAbsError(
    rows.flatMap((row) => Array.from(row)),
    recorded,
    deviations,
  );
  return error <= logitTolerance ? undefined : `call ${call.call}: logits differ by ${error}`;
}

function decodeFloats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}
