import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { GROUP_SIZE, quantisedPrecisions } from './stored.js';

/** File that makes a folder a converted checkpoint. */
export const conversionFileName = 'repro.json';

/** Raised when converted files get another content: older ones are then made anew. */
export const conversionVersion = 1;

const conversionSchema = z.strictObject({
  version: z.literal(conversionVersion),
  precision: z.enum(quantisedPrecisions),
  /** Inputs that share a scale; null: one scale for each output. */
  groupSize: z.literal(GROUP_SIZE).nullable(),
  /** Digest over all files of the checkpoint that it was made of. */
  sourceSha256: z.string(),
  /** Bytes of the files beside this one, by name. */
  files: z.record(z.string(), z.int().nonnegative()),
  /** As the model file of the source has them. */
  source: z.strictObject({
    id: z.string(),
    name: z.string(),
    settings: z.string(),
    titleNote: z.string().nullable(),
  }),
});

export type Conversion = z.infer<typeof conversionSchema>;

/**
 * What a folder was converted from; undefined for a checkpoint as published.
 * @throws UsageError `MODEL_CONVERSION`
 */
export async function readConversion(dir: string): Promise<Conversion | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, conversionFileName), 'utf8');
  } catch {
    return undefined;
  }
  return parseConversion(text, join(dir, conversionFileName));
}

/** @throws UsageError `MODEL_CONVERSION` */
export function parseConversion(text: string, path: string): Conversion {
  try {
    return conversionSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(
      'MODEL_CONVERSION',
      `${path}: made by another version, or damaged; delete this folder and convert again with --precision.`,
    );
  }
}
