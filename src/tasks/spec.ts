import { z } from 'zod';
import { scorerSpec } from '../scoring/spec.js';
import { recordKinds } from './records/index.js';

const positive = z.number().int().positive();

/** How long the response canvas is and how it is denoised, unless the run says otherwise. */
export const generationSpec = z
  .strictObject({ genLength: positive, blockLength: positive, steps: positive })
  .refine(({ genLength, blockLength }) => genLength % blockLength === 0, {
    message: 'genLength must be a multiple of blockLength',
  })
  .refine(({ genLength, blockLength, steps }) => steps % (genLength / blockLength) === 0, {
    message: 'steps must be a multiple of the number of blocks',
  });

/** A task file: one benchmark under one protocol ("profile"). */
export const taskSpec = z.strictObject({
  /** Raised whenever a change can move a score. */
  version: positive,
  id: z.string().regex(/^[a-z0-9-]+$/),
  profile: z.string().regex(/^[a-z0-9-]+$/),
  /** Name shown in tables. */
  title: z.string().min(1),
  /** Which record schema the data file follows. */
  records: z.enum([...recordKinds.keys()] as [string, ...string[]]),
  /** Data file, relative to the package. */
  data: z.string().min(1),
  /** Keep only the records with exactly this many options (ARC has a few with three or five). */
  options: positive.optional(),
  /** User message; `{field}` stands for a field of the record. */
  prompt: z.string().min(1),
  shots: z.literal(0, { message: 'few-shot examples are not built yet: write 0' }),
  /** Whether the prompt goes through the model's chat template. */
  chat: z.boolean().default(true),
  until: z.array(z.string().min(1)).default([]),
  /** The first one decides, the others are reported beside it. */
  scorers: z.tuple([scorerSpec], scorerSpec),
  generation: generationSpec,
  /** Whether the task counts in the five-task average. */
  inAverage: z.boolean(),
});

export type TaskSpec = z.infer<typeof taskSpec>;
export type GenerationSpec = z.infer<typeof generationSpec>;
