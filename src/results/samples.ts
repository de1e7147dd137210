import { z } from 'zod';
import { UsageError } from '../errors.js';
import { JsonlLog, readJsonl } from '../formats/jsonl.js';

/** Raised when the meaning or the set of fields changes. */
export const sampleSchemaVersion = 1;

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

const streamRows = { layerRows: count, valueOnlyRows: count, headRows: count };

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
  timings: z.strictObject({ prefillMs: milliseconds, denoiseMs: milliseconds }),
  peakMemoryBytes: count.nullable(),
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
  /** Null if generation failed. */
  output: sampleOutput.nullable(),
});

export type SampleRow = z.infer<typeof sampleRow>;
export type SampleOutput = z.infer<typeof sampleOutput>;

/** Whether a sample counts as right: what failed counts as wrong. */
export function isCorrect({ correct, error }: SampleRow): boolean {
  return correct && error === null;
}

/** The samples of a run, on the disk one by one as they finish. */
export class SampleLog {
  /** The samples that were there already: a resumed run skips them. */
  readonly rows: readonly SampleRow[];
  /** Bytes of a torn last line that were cut off. */
  readonly repairedBytes: number;
  readonly #log: JsonlLog;

  private constructor(log: JsonlLog, rows: readonly SampleRow[]) {
    this.#log = log;
    this.rows = rows;
    this.repairedBytes = log.repairedBytes;
  }

  /** @throws UsageError if a line is damaged or of another schema version. */
  static async open(path: string): Promise<SampleLog> {
    const log = await JsonlLog.open(path);
    try {
      return new SampleLog(log, parseRows(log.rows, path));
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Resolves once the row is on the disk. */
  append(row: SampleRow): Promise<void> {
    return this.#log.append(row);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/** The samples of a finished or killed run; the file is not changed. */
export async function readSampleRows(path: string): Promise<SampleRow[]> {
  return parseRows(await readJsonl(path), path);
}

/** Checks each line; where a sample stands twice in a cell, the first one counts. */
function parseRows(rows: readonly unknown[], path: string): SampleRow[] {
  const seen = new Set<string>();
  return rows
    .map((row, i) => {
      const parsed = sampleRow.safeParse(row);
      if (parsed.success) return parsed.data;
      const { path: field, message } = parsed.error.issues[0]!;
      throw new UsageError(
        'SAMPLES_INVALID',
        `${path}:${i + 1}: "${field.join('.')}": ${message}; the run was made by another version`,
      );
    })
    .filter(({ cell, sample }) => {
      const key = `${cell}\n${sample}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
