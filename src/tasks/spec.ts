import { z } from 'zod';
import { scorerSpec } from '../scoring/spec.js';
import { dataSets } from './data/registry.js';
import { decodingOrders } from './decode-output.js';
import { renderings } from './messages.js';
import { recordKinds } from './records/index.js';

const positive = z.number().int().positive();
const text = z.string().min(1);
const decodingOrder = z.enum(decodingOrders);
const taskName = z.string().regex(/^[A-Za-z0-9_-]+$/);

/** How long the response canvas is and how it is denoised, unless the run says otherwise. */
export const generationSpec = z
  .strictObject({ genLength: positive, blockLength: positive, steps: positive })
  .refine(({ genLength, blockLength }) => genLength % blockLength === 0, {
    message: 'genLength must be a multiple of blockLength',
  })
  .refine(({ genLength, blockLength, steps }) => steps % (genLength / blockLength) === 0, {
    message: 'steps must be a multiple of the number of blocks',
  });

/** A split of a published data set. */
export const dataSplitSpec = z
  .strictObject({ set: z.enum([...dataSets.keys()] as [string, ...string[]]), split: text })
  .refine(({ set, split }) => Object.hasOwn(dataSets.get(set)!.rows, split), {
    message: 'is no split of the data set',
    path: ['split'],
  });

/** Examples drawn from a split of the same data set. */
const splitShots = z.strictObject({
  count: positive,
  split: text,
  /** `first-n`: the first rows; `default`: drawn for each sample anew, as lm-eval does. */
  sampler: z.enum(['first-n', 'default']).default('default'),
  seed: z.number().int().min(0).default(1234),
  /** Whether each group of the data set (a subject) is a task of its own, with examples from that group. */
  perGroup: z.boolean().default(false),
});

/** Examples that are the same for every sample, from a file. */
const fixedShots = z.strictObject({
  count: positive,
  /** In the package where it begins with `tasks/`, else in the user's data folder. */
  file: text,
  /** Which list of the file, where it holds several by name. */
  key: text.optional(),
  /** Without the file: the same problems in this split, by the first digits of their digests. */
  orSplit: z
    .strictObject({
      split: text,
      problems: z.array(z.string().regex(/^[0-9a-f]{16}$/)),
      /** The answer of such an example. */
      target: text,
    })
    .optional(),
});

/** A task file: one benchmark under one protocol ("profile"). */
export const taskSpec = z.strictObject({
  /** Raised whenever a change can move a score. */
  version: positive,
  id: taskName,
  profile: z.string().regex(/^[a-z0-9-]+$/),
  /** Names of the same task elsewhere, for the command line. */
  aliases: z.array(taskName).default([]),
  /** Name shown in tables. */
  title: text,
  /** Where the protocol is written down. */
  source: text.optional(),
  /** Which record schema the data file follows. */
  records: z.enum([...recordKinds.keys()] as [string, ...string[]]),
  /** A file of the package, or a split of a published data set. */
  data: z.union([text, dataSplitSpec]),
  /** Keep only the records with exactly this many options (ARC has a few with three or five). */
  options: positive.optional(),
  /** Stands before examples and question; the system message of a chat. */
  description: text.optional(),
  /** For `rendering: singleturn`: the description is no system message but the beginning of the turn. */
  descriptionInTurn: z.boolean().default(false),
  /** The question; `{field}` stands for a field of the record. */
  prompt: text,
  /** The question of an example, where it is put in other words. */
  shotPrompt: text.optional(),
  /** The answer of an example. */
  target: text.optional(),
  /** How the answer begins; the model goes on from there. */
  genPrefix: text.optional(),
  shots: z.union([z.literal(0), splitShots, fixedShots]),
  /** Without a chat template: what stands between question and answer, and behind an example. */
  join: z.strictObject({ target: z.string(), shots: z.string() }).default({ target: ' ', shots: '\n\n' }),
  /** Whether the prompt goes through the model's chat template; `dream`: for models of that family only. */
  chat: z.union([z.boolean(), z.literal('dream')]).default(true),
  /** How examples stand in a chat. */
  rendering: z.enum(renderings).exclude(['plain']).default('multiturn'),
  /** Whether the start-of-text token stands before a prompt without a chat template. */
  startOfText: z.boolean().default(false),
  until: z.array(text).default([]),
  /** In which order ids become the text that is scored, as the harness of a model family does. */
  decoding: z
    .union([decodingOrder, z.strictObject({ llada: decodingOrder, dream: decodingOrder })])
    .default('cut-eos-eot'),
  /** The first one decides, the others are reported beside it. */
  scorers: z
    .tuple([scorerSpec], scorerSpec)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, {
      message: 'two scorers have one name',
    }),
  generation: generationSpec,
  /** Other lengths that authors have published with this task, by name. */
  lengths: z.record(z.string().regex(/^[a-z0-9-]+$/), generationSpec).default({}),
  /** Whether it counts in the average of a table. */
  inAverage: z.boolean(),
});

export type TaskSpec = z.infer<typeof taskSpec>;
export type GenerationSpec = z.infer<typeof generationSpec>;
export type SplitShots = z.infer<typeof splitShots>;
export type FixedShots = z.infer<typeof fixedShots>;
