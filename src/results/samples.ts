import { z } from 'zod';
import type { RowFormat } from './row-log.js';

/** Raised when a field changes its meaning, or one that readers need joins or goes. */
export const sampleSchemaVersion = 1;

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

const streamRows = {
  layerRows: count,
  valueOnlyRows: count,
  keyValueRows: count.optional(),
  keptRows: count.optional(),
  headRows: count,
};

/** Rows computed; sums over passes, as `decoding/rows.ts` defines them. */
const rowCounts = z.strictObject({
  passes: count,
  /** Prompt and response. */
  length: count,
  layers: count,
  ...streamRows,
  /** With guidance only. */
  unconditional: z.strictObject(streamRows).optional(),
});

/** What a model gave for one sample. */
const sampleOutput = z.strictObject({
  /** The response only. */
  ids: z.array(count),
  /** What stands before the first end of text or of the turn; null without a tokenizer. */
  text: z.string().nullable(),
  /** Forward passes as the method is published; `executed` differs where exact savings skip some. */
  nfe: count,
  nfeExecuted: count,
  rows: rowCounts,
  rowsExecuted: rowCounts,
  flops: z.number().nonnegative(),
  flopsExecuted: z.number().nonnegative(),
  /** By definition, see `measure/tokens.ts`. */
  tokens: z.strictObject({ canvas: count, toEos: count, nonEos: count, retokenised: count.nullable() }),
  timings: z.strictObject({
    prefillMs: milliseconds,
    denoiseMs: milliseconds,
    /** Other samples were decoded at the same time: such a time is no measurement of speed. */
    shared: z.literal(true).optional(),
  }),
  peakMemoryBytes: count.nullable(),
});

/** As the fields of the row of the same names, which are those of the deciding scorer. */
const scorerResult = z.strictObject({
  extracted: z.string().nullable(),
  correct: z.boolean(),
  error: z.string().optional(),
  detail: z.string().optional(),
});

/** One line of samples.jsonl: one sample of one cell. */
export const sampleRow = z.strictObject({
  schema: z.literal(sampleSchemaVersion),
  /** Id of the cell (model x method x benchmark x seed) in its run. */
  cell: z.string(),
  method: z.string(),
  benchmark: z.string(),
  /** Stable across runs; what pairing goes by. */
  sample: z.string(),
  promptSha256: z.string(),
  promptTokens: count,
  /** What failed, in generation or in scoring; a failed sample counts as wrong. */
  error: z.string().nullable(),
  /** What was read out of the text; null if nothing fits. */
  extracted: z.string().nullable(),
  correct: z.boolean(),
  /** For a program: how it ended. */
  detail: z.string().optional(),
  /** MMLU subject, MATH type, GPQA domain; absent where records have none, and in older files. */
  group: z.string().optional(),
  /** What every scorer of the task says, by name, the deciding one first; absent if nothing was scored, and in older files. */
  scores: z.record(z.string(), scorerResult).optional(),
  /** Null if generation failed. */
  output: sampleOutput.nullable(),
});

export type SampleRow = z.infer<typeof sampleRow>;
export type SampleOutput = z.infer<typeof sampleOutput>;

/** Whether a sample counts as right: what failed counts as wrong. */
export function isCorrect({ correct, error }: SampleRow): boolean {
  return correct && error === null;
}

/** What tells a decoding from all others of its run. */
export function sampleKey({ cell, sample }: { readonly cell: string; readonly sample: string }): string {
  return `${cell}\n${sample}`;
}

export const sampleFormat: RowFormat<SampleRow> = {
  schema: sampleRow,
  errorCode: 'SAMPLES_INVALID',
  key: sampleKey,
};
