import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { didYouMean } from '../suggest.js';
import { loadTask } from '../tasks/task.js';
import { generationLayer } from './generation-layer.js';
import { measureOptions } from './measure-options.js';
import { idSchema, listConfigs, loadMethod, settingsSchema } from './method.js';
import { readYaml, type YamlFile } from './yaml.js';

const ids = z.array(idSchema).min(1);
const methods = z.array(z.string().min(1)).min(1);

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

/** An experiment file: which methods meet which benchmarks, and how the result is laid out. */
export const experimentSchema = z.strictObject({
  id: idSchema,
  title: z.string().min(1).describe('With the number of the table; whose model it is follows in brackets.'),
  layout: z.enum(['table1']).describe('The table that the report draws.'),
  model: z.string().min(1).describe('Id of a model file, unless --model says otherwise.'),
  profile: idSchema.describe('Protocol of the tasks: tasks/<benchmark>.<profile>.yaml.'),
  seed: seedSchema,
  limit: limitSchema,
  settings: settingsSchema
    .optional()
    .describe('Whose published settings the methods take where the model is of that family; else its own.'),
  groups: z
    .array(z.strictObject({ name: z.string().min(1), methods: methods.describe('`id` or `id@preset`.') }))
    .min(1),
  baseline: idSchema.describe('Method that the others are compared with; it always runs.'),
  benchmarks: ids.describe('In the order of the columns.'),
  average: ids.describe('Benchmarks of the average column.'),
  generation: generationLayer
    .optional()
    .describe('Settings of all benchmarks, over those of the task files.'),
  perBenchmark: z
    .record(idSchema, generationLayer)
    .default({})
    .describe('Settings of single benchmarks, over `generation`.'),
  measure: measureOptions.prefault({}).describe('How speed is measured.'),
  quick: z.number().int().min(1).default(8).describe('Samples per benchmark with --quick.'),
  paper: z.string().min(1).optional().describe('Published cells, relative to the package.'),
});

export type ExperimentFile = z.output<typeof experimentSchema>;

/** Ids of the experiments that have a file in the package. */
export function listExperiments(root: string = packageRoot): string[] {
  return listConfigs(join(root, 'configs', 'experiments'));
}

/**
 * Reads an experiment of the package by its id.
 *
 * @throws UsageError `EXPERIMENT_UNKNOWN`, or what `readExperiment` throws.
 */
export function loadExperiment(id: string, root: string = packageRoot): ExperimentFile {
  const known = listExperiments(root);
  if (!known.includes(id)) {
    throw new UsageError(
      'EXPERIMENT_UNKNOWN',
      `there is no experiment "${id}"; there are ${known.join(', ')}.${didYouMean(id, known)}`,
    );
  }
  return readExperiment(join(root, 'configs', 'experiments', `${id}.yaml`), root);
}

/**
 * Reads any experiment file and checks that what it names exists.
 *
 * @throws UsageError as `readYaml`; names that lead nowhere are reported with their line and column.
 */
export function readExperiment(path: string, root: string = packageRoot): ExperimentFile {
  const file = readYaml(path, experimentSchema);
  const { value, errorAt } = file;
  const refuse = (where: readonly (string | number)[], what: string, name: string, known: string[]) => {
    const hint = didYouMean(name, known) || ` Known: ${known.join(', ')}.`;
    return errorAt(where, `there is no ${what} "${name}".${hint}`);
  };
  const checkMethod = (reference: string, where: readonly (string | number)[]) => {
    try {
      loadMethod(reference, undefined, root);
    } catch (error) {
      if (!(error instanceof UsageError) || !error.code.startsWith('METHOD_')) throw error;
      throw errorAt(where, error.message);
    }
  };
  value.groups.forEach(({ methods: members }, g) => {
    for (const [m, reference] of members.entries()) checkMethod(reference, ['groups', g, 'methods', m]);
  });
  checkMethod(value.baseline, ['baseline']);
  refuseRepeats(file);
  for (const [i, id] of value.benchmarks.entries()) {
    try {
      loadTask(id, value.profile, root);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw errorAt(error.code === 'TASK_PROFILE_UNKNOWN' ? ['profile'] : ['benchmarks', i], error.message);
    }
  }
  for (const [i, id] of value.average.entries()) {
    if (!value.benchmarks.includes(id)) throw refuse(['average', i], 'benchmark', id, value.benchmarks);
  }
  for (const id of Object.keys(value.perBenchmark)) {
    if (!value.benchmarks.includes(id)) {
      throw refuse(['perBenchmark', id], 'benchmark', id, value.benchmarks);
    }
  }
  return value;
}

function refuseRepeats({ value, errorAt }: YamlFile<ExperimentFile>): void {
  const seen = new Set<string>();
  value.groups.forEach(({ methods }, g) => {
    methods.forEach((id, m) => {
      if (seen.has(id)) throw errorAt(['groups', g, 'methods', m], `method "${id}" is listed twice.`);
      seen.add(id);
    });
  });
  value.benchmarks.forEach((id, i) => {
    if (value.benchmarks.indexOf(id) !== i)
      throw errorAt(['benchmarks', i], `benchmark "${id}" is listed twice.`);
  });
}
