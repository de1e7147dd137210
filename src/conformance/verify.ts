import { type DecodeResult, decode } from '../decoding/loop.js';
import { createMethod } from '../decoding/method.js';
import type { StepEngine } from '../engine/types.js';
import type { Saving } from '../graph/savings.js';
import { plainSpec } from '../graph/spec.js';
import type { Clock } from '../measure/clock.js';
import type { ModelDimensions } from '../models/types.js';
import { callDifference, logitTolerance, maxAbsError } from './check-logits.js';
import { type RecordedRun, traceDifference } from './check-trace.js';
import { type Deviation, Deviations } from './deviations.js';
import { mapRun } from './mapping.js';
import type { LogitsCallsVector, LogitsFullVector, Vector } from './vector.js';

export type Outcome =
  | { readonly state: 'passed'; readonly deviation: Deviation }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'skipped'; readonly reason: string };

/** A model that vectors can be tried on. */
export interface VerifyModel {
  readonly engine: StepEngine;
  readonly dimensions: ModelDimensions;
}

/** Which method's count a vector goes to. */
export function vectorMethod({ kind, vector }: Vector): string {
  return kind === 'logits-full'
    ? 'logits_full'
    : kind === 'logits-calls'
      ? `logits_calls ${vector.method}`
      : vector.method;
}

/**
 * Runs one vector's method and compares everything that was recorded.
 * @param savings Work to leave out; default all.
 */
export async function verifyVector(
  vector: Vector,
  model: VerifyModel,
  clock: Clock,
  savings?: readonly Saving[],
): Promise<Outcome> {
  const deviations = new Deviations();
  if (vector.kind === 'logits-full') {
    return verdict(await fullDifference(vector.vector, model, deviations), deviations);
  }
  const { method, params, prompt_ids, final_ids, nfe, extra } = vector.vector;
  const mapped = mapRun(method, params);
  if (mapped === undefined) return { state: 'skipped', reason: `method ${method} is not built yet` };
  if (typeof mapped === 'string') return { state: 'failed', reason: mapped };

  let logitsDifference: string | undefined;
  const calls: LogitsCallsVector['calls'] = vector.kind === 'logits-calls' ? vector.vector.calls : [];
  const run: DecodeResult = await decode(model.engine, {
    promptIds: Int32Array.from(prompt_ids),
    generation: mapped.generation,
    ...createMethod(mapped, model.dimensions.family, mapped.generation),
    special: model.dimensions,
    clock,
    distances: extra?.dcu !== undefined,
    ...(savings === undefined ? {} : { savings }),
    ...(extra?.rand === undefined ? {} : { draws: extra.rand }),
    ...(extra?.decode_order === undefined ? {} : { decodeOrder: extra.decode_order }),
    ...(vector.kind === 'trace'
      ? {}
      : {
          onLogits: (pass: number, rows: Int32Array, logits: Float32Array) => {
            const call = calls.find((recorded) => recorded.call === pass);
            if (call !== undefined)
              logitsDifference ??= callDifference(rows, logits, model.dimensions.vocabSize, call, deviations);
          },
        }),
  });
  const recorded: RecordedRun = {
    promptLength: prompt_ids.length,
    finalIds: final_ids,
    nfe,
    steps: vector.kind === 'trace' ? vector.vector.steps : vector.vector.trace,
    ...(extra === undefined ? {} : { extra }),
  };
  return verdict(traceDifference(run, recorded, deviations) ?? logitsDifference, deviations);
}

function verdict(difference: string | undefined, { largest }: Deviations): Outcome {
  return difference === undefined
    ? { state: 'passed', deviation: largest }
    : { state: 'failed', reason: difference };
}

/** One plain forward over each input, all rows, compared logit by logit. */
async function fullDifference(
  vector: LogitsFullVector,
  { engine }: VerifyModel,
  deviations: Deviations,
): Promise<string | undefined> {
  for (const [i, { input_ids, logits }] of vector.inputs.entries()) {
    const tokens = Int32Array.from(input_ids);
    const all = tokens.map((_, position) => position);
    await engine.begin({ spec: { ...plainSpec, logits: true }, length: tokens.length });
    const plan = { kind: 'uniform', rows: all, store: 'none' } as const;
    const result = await engine.step({ tokens, headRows: all, plan, pass: 0 });
    const error = maxAbsError(result.logits ?? [], logits.flat(), deviations);
    if (!(error <= logitTolerance)) return `input ${i}: logits differ by ${error}`;
  }
  return undefined;
}
