import { z } from 'zod';
import type { RowFormat } from './row-log.js';

/** Raised when the meaning or the set of fields changes. */
export const promptSchemaVersion = 1;

/** One line of prompts.jsonl: the prompt of one sample, as it was tokenised, whatever the method. */
export const promptRow = z.strictObject({
  schema: z.literal(promptSchemaVersion),
  /** As in samples.jsonl: over the token ids. */
  promptSha256: z.string(),
  benchmark: z.string(),
  sample: z.string(),
  text: z.string(),
  /** The reference answer that scoring compares with; absent in older files. */
  target: z.string().optional(),
});

export type PromptRow = z.infer<typeof promptRow>;

export const promptFormat: RowFormat<PromptRow> = {
  schema: promptRow,
  errorCode: 'PROMPTS_INVALID',
  key: ({ promptSha256 }) => promptSha256,
};
