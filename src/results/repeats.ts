import { z } from 'zod';
import type { RowFormat } from './row-log.js';

/** Raised when the meaning or the set of fields changes. */
export const repeatSchemaVersion = 1;

/** One line of repeats.jsonl: a sample of a cell decoded once more, for its time alone. */
export const repeatRow = z.strictObject({
  schema: z.literal(repeatSchemaVersion),
  cell: z.string(),
  sample: z.string(),
  /** Counts from 2: the decoding in samples.jsonl is round 1. */
  round: z.int().min(2),
  denoiseMs: z.number().nonnegative(),
  /** Whether the ids were those of round 1. */
  same: z.boolean(),
});

export type RepeatRow = z.infer<typeof repeatRow>;

export const repeatFormat: RowFormat<RepeatRow> = {
  schema: repeatRow,
  errorCode: 'REPEATS_INVALID',
  key: ({ cell, sample, round }) => `${cell}\n${sample}\n${round}`,
};
