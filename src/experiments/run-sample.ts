import type { MethodConfig } from '../config/method.js';
import { DecodingError, InterruptedError } from '../decoding/errors.js';
import { type DecodeResult, decode } from '../decoding/loop.js';
import { createMethod } from '../decoding/method.js';
import type { Generation } from '../decoding/settings.js';
import { EngineLostError } from '../engine/types.js';
import type { Clock } from '../measure/clock.js';
import { flops } from '../measure/flops.js';
import { countTokens } from '../measure/tokens.js';
import { type SampleOutput, type SampleRow, sampleSchemaVersion } from '../results/samples.js';
import type { PythonRunner } from '../sandbox/types.js';
import { score } from '../scoring/score.js';
import { sha256 } from '../tasks/samples.js';
import { type LoadedModel, promptIds } from './loaded-model.js';
import { cellId, type PlannedSample } from './plan.js';

export interface SampleContext {
  readonly model: LoadedModel;
  readonly methods: Readonly<Record<string, MethodConfig>>;
  readonly python: PythonRunner;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Generates and scores one sample. Whatever goes wrong with the sample ends up in its row; only an
 * interruption or the loss of the engine is thrown.
 */
export async function runSample(planned: PlannedSample, context: SampleContext): Promise<SampleRow> {
  const { benchmark, method, sample } = planned;
  const { task } = benchmark;
  const ids = promptIds(context.model, sample.prompt, task.spec.chat);
  const row = {
    schema: sampleSchemaVersion,
    cell: cellId(benchmark.id, method),
    method,
    benchmark: benchmark.id,
    sample: sample.id,
    promptSha256: sha256(new Uint8Array(ids.buffer)),
    promptTokens: ids.length,
  } as const;
  let output: SampleOutput | null = null;
  try {
    const result = await decodeSample(ids, benchmark.generation, context.methods[method]!, context);
    output = sampleOutput(result, benchmark.generation, context.model, task.until);
    const scored = await score(task, sample, output.text ?? '', context.python);
    const { extracted, correct, error = null, detail } = scored;
    return { ...row, error, extracted, correct, ...(detail === undefined ? {} : { detail }), output };
  } catch (error) {
    if (error instanceof InterruptedError || error instanceof EngineLostError) throw error;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const kind = error instanceof DecodingError ? error.code : name;
    return { ...row, error: `${kind}: ${message}`, extracted: null, correct: false, output };
  }
}

async function decodeSample(
  ids: Int32Array,
  generation: Generation,
  method: MethodConfig,
  { model, clock, signal }: SampleContext,
): Promise<DecodeResult> {
  const { dimensions } = model.checkpoint;
  const length = ids.length + generation.genLength;
  if (length > dimensions.maxSequenceLength) {
    throw new DecodingError(
      'CANVAS_TOO_LONG',
      `prompt ${ids.length} + response ${generation.genLength} tokens exceed the model's ${dimensions.maxSequenceLength}`,
    );
  }
  return decode(model.engine, {
    promptIds: ids,
    generation,
    ...createMethod(method, dimensions.family, generation),
    special: dimensions,
    clock,
    ...(signal === undefined ? {} : { signal }),
  });
}

function sampleOutput(
  result: DecodeResult,
  generation: Generation,
  model: LoadedModel,
  stopStrings: readonly string[],
): SampleOutput {
  const { checkpoint, tokenizer } = model;
  const ids = Array.from(result.tokens.subarray(result.tokens.length - generation.genLength));
  return {
    ids,
    text: answerText(ids, model),
    nfe: result.nfe,
    nfeExecuted: result.nfe,
    rows: result.rows,
    rowsExecuted: result.rowsExecuted,
    flops: flops(checkpoint.dimensions, result.rows),
    flopsExecuted: flops(checkpoint.dimensions, result.rowsExecuted),
    tokens: countTokens(ids, checkpoint.dimensions.eosId, {
      decode: (list) => tokenizer.decode(list, { skipSpecialTokens: false }),
      encode: (text) => tokenizer.encode(text),
      stopStrings,
    }),
    timings: result.timings,
    peakMemoryBytes: process.memoryUsage().rss,
  };
}

/** The text that is scored: what stands before the first end of text or of the turn. */
function answerText(ids: readonly number[], { checkpoint, tokenizer }: LoadedModel): string {
  const { eosId, eotId } = checkpoint.dimensions;
  const end = ids.findIndex((id) => id === eosId || id === eotId);
  return tokenizer.decode(end < 0 ? ids : ids.slice(0, end));
}
