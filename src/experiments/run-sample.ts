import { DecodingError, InterruptedError } from '../decoding/errors.js';
import { type DecodeResult, decode } from '../decoding/loop.js';
import { createMethod } from '../decoding/method.js';
import type { Generation } from '../decoding/settings.js';
import type { Device } from '../engine/device.js';
import { EngineLostError } from '../engine/types.js';
import type { Saving } from '../graph/savings.js';
import type { Clock } from '../measure/clock.js';
import { flops } from '../measure/flops.js';
import { countTokens } from '../measure/tokens.js';
import { type SampleOutput, sampleSchemaVersion } from '../results/samples.js';
import type { PythonRunner } from '../sandbox/types.js';
import { scoreAll } from '../scoring/score.js';
import { decodeOutput } from '../tasks/decode-output.js';
import { sha256 } from '../tasks/samples.js';
import type { TaskSpec } from '../tasks/spec.js';
import { type LoadedModel, promptIds } from './loaded-model.js';
import type { PlannedCell, PlannedSample } from './plan.js';
import { refusePrompt } from './prompt-fit.js';
import type { FinishedSample } from './sample-files.js';

export interface SampleContext {
  readonly model: LoadedModel;
  readonly python: PythonRunner;
  readonly clock: Clock;
  readonly device: Device;
  /** Work that passes leave out; default all that changes no token. */
  readonly savings?: readonly Saving[];
  /** Whether other samples are decoded at the same time. */
  readonly shared: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Generates and scores one sample. Whatever goes wrong with the sample ends up in its row; only an
 * interruption or the loss of the engine is thrown.
 *
 * @param isTraced The steps are to hold everything that people look at.
 */
export async function runSample(
  planned: PlannedSample,
  context: SampleContext,
  isTraced = false,
): Promise<FinishedSample> {
  const { group, cell, sample } = planned;
  const { task } = group;
  const ids = promptIds(context.model, sample.parts, task.spec);
  const row = {
    schema: sampleSchemaVersion,
    cell: cell.id,
    method: cell.label,
    benchmark: group.benchmark,
    sample: sample.id,
    promptSha256: sha256(new Uint8Array(ids.buffer)),
    promptTokens: ids.length,
    ...(sample.meta.group === undefined ? {} : { group: sample.meta.group }),
  } as const;
  let result: DecodeResult | undefined;
  let output: SampleOutput | null = null;
  try {
    result = await decodeSample(ids, cell, context, isTraced);
    output = sampleOutput(result, cell.generation, context, task.spec);
    const scores = await scoreAll(task, sample, output.text ?? '', context.python);
    const { extracted, correct, error = null, detail } = scores.get(task.scorers[0].name)!;
    const scored = { error, extracted, correct, ...(detail === undefined ? {} : { detail }) };
    return { row: { ...row, ...scored, scores: Object.fromEntries(scores), output }, result };
  } catch (error) {
    if (error instanceof InterruptedError || error instanceof EngineLostError) throw error;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const kind = error instanceof DecodingError ? error.code : name;
    return { row: { ...row, error: `${kind}: ${message}`, extracted: null, correct: false, output }, result };
  }
}

/** Decodes a sample once more and tells the time alone. @throws as `decode` */
export async function timeSample(
  { group, cell, sample }: PlannedSample,
  context: SampleContext,
): Promise<{ readonly denoiseMs: number; readonly ids: readonly number[] }> {
  const ids = promptIds(context.model, sample.parts, group.task.spec);
  const result = await decodeSample(ids, cell, context);
  return { denoiseMs: result.timings.denoiseMs, ids: responseIds(result, cell.generation) };
}

/**
 * Decodes a sample as its cell says.
 *
 * @param thresholds Keep those of each token in the steps.
 * @throws DecodingError as `refusePrompt` and `decode`
 */
export async function decodeSample(
  ids: Int32Array,
  { generation, method }: Pick<PlannedCell, 'generation' | 'method'>,
  context: Pick<SampleContext, 'model' | 'clock' | 'signal' | 'device' | 'savings'>,
  thresholds = false,
): Promise<DecodeResult> {
  const { model, clock, signal, device, savings } = context;
  const { dimensions } = model.checkpoint;
  refusePrompt(ids, generation, dimensions, device);
  return decode(model.engine, {
    promptIds: ids,
    generation,
    ...createMethod(method, dimensions.family, generation),
    special: dimensions,
    ...{ clock, thresholds },
    ...(signal === undefined ? {} : { signal }),
    ...(savings === undefined ? {} : { savings }),
  });
}

function sampleOutput(
  result: DecodeResult,
  generation: Generation,
  { model, shared }: Pick<SampleContext, 'model' | 'shared'>,
  { until, decoding }: Pick<TaskSpec, 'until' | 'decoding'>,
): SampleOutput {
  const { checkpoint, tokenizer } = model;
  const ids = responseIds(result, generation);
  return {
    ids,
    text: answerText(ids, model, { until, decoding }),
    nfe: result.nfe,
    nfeExecuted: result.nfeExecuted,
    rows: result.rows,
    rowsExecuted: result.rowsExecuted,
    flops: flops(checkpoint.dimensions, result.rows),
    flopsExecuted: flops(checkpoint.dimensions, result.rowsExecuted),
    tokens: countTokens(ids, checkpoint.dimensions.eosId, {
      decode: (list) => tokenizer.decode(list, { skipSpecialTokens: false }),
      encode: (text) => tokenizer.encode(text),
      stopStrings: until,
    }),
    timings: shared ? { ...result.timings, shared } : result.timings,
    // Beside others the process holds their memory, too.
    peakMemoryBytes: shared ? null : process.memoryUsage().rss,
  };
}

function responseIds({ tokens }: DecodeResult, { genLength }: Generation): number[] {
  return Array.from(tokens.subarray(tokens.length - genLength));
}

/** The text that is scored; where the order of decoding does not ask for it, stop strings cut it only then. */
function answerText(
  ids: readonly number[],
  { checkpoint, tokenizer }: LoadedModel,
  { until, decoding }: Pick<TaskSpec, 'until' | 'decoding'>,
): string {
  const { dimensions } = checkpoint;
  const order = typeof decoding === 'string' ? decoding : decoding[dimensions.family];
  return decodeOutput(order, ids, tokenizer, dimensions, order === 'keep-special' ? until : []);
}
