import { z } from 'zod';
import { engineOptions } from './engine-options.js';
import { generationLayer } from './generation-layer.js';
import { measureOptions } from './measure-options.js';
import { idSchema, settingsSchema } from './method.js';
import { partsLayer } from './method-layer.js';
import { pinSchema } from './pins.js';
import { partialWithoutDefaults } from './schema-walk.js';

/** Id of a task file; the name of lm-eval's task, where a benchmark has several. */
const taskId = z
  .string()
  .regex(
    /^[a-z0-9]+([-_][a-z0-9]+)*$/,
    'is no id of a task (small letters, digits, - and _; a part such as mmlu/anatomy cannot be run alone)',
  );

const reference = z.string().min(1);
const name = z.string().min(1);

export const limitSchema = z
  .number()
  .int()
  .min(1)
  .nullable()
  .describe('Samples per benchmark, the first ones of a seeded order; null = all. Samples.');

export const seedSchema = z
  .number()
  .int()
  .min(0)
  .describe('Seed of the order of samples and, unless generation.seed is set, of the noise.');

/** What a report may look like. */
export const layouts = ['table1', 'grid'] as const;

/** The figures of a cell that a grid may show. */
export const shownFigures = ['accuracy', 'tps', 'speedup', 'nfe', 'row_nfe', 'agreement'] as const;
export type ShownFigure = (typeof shownFigures)[number];

/** A method by its id, or settings laid over one, under a label of their own. */
const methodEntry = z
  .union([
    reference,
    partsLayer.extend({
      use: reference.describe('The method that the settings lie over: `id` or `id@preset`.'),
      id: idSchema.optional().describe('What CSV files and --methods call it; by default as `use`.'),
      name: name.optional().describe('What tables print.'),
    }),
  ])
  .describe('`id`, `id@preset`, or { use: id, id: my-label, cache: {...}, unmask: {...} }.');

const methods = z.array(methodEntry).min(1);

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const values = z.array(scalar).min(1);

/**
 * What an experiment file may say; what it leaves out comes from the file that it extends, or from the defaults in
 * compose.ts.
 */
export const experimentLayer = z.strictObject({
  extends: reference
    .optional()
    .describe(
      'Id of an experiment or sweep of the package, or a file next to this one, that this one changes.',
    ),
  id: idSchema.optional().describe('In CSV files and names of runs; by default the name of the file.'),
  title: name
    .optional()
    .describe(
      'With the number of the table; whose model it is follows in brackets, and {device} becomes the name of the device.',
    ),
  layout: z
    .enum(layouts)
    .optional()
    .describe(
      'How the report draws the results. table1: methods against benchmarks, a sweep as a list. grid: a sweep over one parameter (against methods) or two (against each other). Default: table1.',
    ),
  show: z
    .array(z.enum(shownFigures))
    .min(1)
    .optional()
    .describe('With `layout: grid`, the figures that have a grid each. Default: accuracy, tps.'),
  model: reference
    .optional()
    .describe('Id of a model file, or a folder; --model replaces it. Default: reference.'),
  profile: idSchema
    .optional()
    .describe('Protocol of the tasks: tasks/<benchmark>.<profile>.yaml. Default: mini.'),
  lengths: z
    .union([idSchema, z.record(taskId, idSchema)])
    .optional()
    .describe(
      'Which lengths of the task files: one of their `lengths` (released, llada-eval, ...), or one by benchmark. Default: their `generation`.',
    ),
  seed: seedSchema.optional(),
  limit: limitSchema.optional(),
  settings: settingsSchema
    .optional()
    .describe('Whose published settings the methods take where the model is of that family; else its own.'),
  groups: z.array(z.strictObject({ name, methods })).min(1).optional().describe('The rows under headings.'),
  methods: methods.optional().describe('The rows without headings, in place of `groups`.'),
  method: methodEntry.optional().describe('The only row, in place of `methods`.'),
  baseline: idSchema
    .optional()
    .describe('Method that the others are compared with; it always runs. Default: vanilla.'),
  benchmarks: z.array(taskId).min(1).optional().describe('In the order of the columns.'),
  benchmark: taskId.optional().describe('The only column, in place of `benchmarks`.'),
  average: z
    .array(taskId)
    .min(1)
    .optional()
    .describe("Benchmarks of the average column. Default: the paper's five."),
  generation: generationLayer
    .optional()
    .describe('Settings of all benchmarks, over those of the task files.'),
  perBenchmark: z
    .record(taskId, generationLayer)
    .optional()
    .describe('Settings of single benchmarks, over `generation`.'),
  overrides: z
    .record(z.string(), scalar)
    .optional()
    .describe('Settings by path, as --set takes them: `methods.dynamic-dllm.cache.layerBudget: 16`.'),
  grid: z
    .record(z.string(), values)
    .optional()
    .describe(
      'Swept values by path, in every combination; `method.cache.layerBudget` is that of all methods.',
    ),
  zip: z
    .record(z.string(), values)
    .optional()
    .describe(
      'Swept values by path, in step: lists of one length. Together with `grid`, every combination of both.',
    ),
  exclude: z
    .array(z.record(z.string(), scalar))
    .min(1)
    .optional()
    .describe('Points to leave out: those that have all values of an entry.'),
  measure: partialWithoutDefaults(measureOptions).optional().describe('How speed is measured.'),
  engine: partialWithoutDefaults(engineOptions).optional().describe('How the engine computes.'),
  quick: z.number().int().min(1).optional().describe('Samples per benchmark with --quick. Default: 8.'),
  pins: z
    .record(taskId, pinSchema)
    .optional()
    .describe('What the task file of a benchmark must say, so that numbers stay comparable.'),
  paper: reference.optional().describe('Published cells, relative to the package.'),
});

export type ExperimentLayer = z.output<typeof experimentLayer>;
export type MethodEntry = z.output<typeof methodEntry>;
