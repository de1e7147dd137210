import { loadExperiment } from '../config/experiment.js';
import { singlePoint } from '../config/experiment-plan.js';
import { parseOverride } from '../config/overrides.js';
import { resolveExperiment } from '../config/resolve-experiment.js';
import { type CliCommand, defineCommand } from './command.js';
import { positive, runFlags } from './run-flags.js';
import { runPlanCommand } from './run-plan.js';

/**
 * The command that runs an experiment of the package and prints it in the layout of the paper's Table 1.
 *
 * @param id Of the experiment, and the command's name.
 * @param reference What it runs on without `--model`.
 */
export function tableCommand(id: string, describe: string, reference: string): CliCommand {
  return defineCommand({
    command: id,
    describe,
    builder: (yargs) =>
      runFlags(
        yargs
          .option('model', {
            type: 'string',
            requiresArg: true,
            describe: `Id or folder; default: ${reference}`,
          })
          .option('limit', {
            type: 'number',
            requiresArg: true,
            describe:
              'Samples per benchmark, the first ones of a seeded order; default: see configs/experiments',
          })
          .option('methods', {
            type: 'string',
            requiresArg: true,
            describe: 'Only these, by id: a,b@preset (the baseline always runs); repro explain lists all',
          })
          .option('benchmarks', { type: 'string', requiresArg: true, describe: 'Only these, by id: x,y' })
          .option('set', {
            type: 'array',
            string: true,
            requiresArg: true,
            default: [] as string[],
            defaultDescription: 'none',
            describe:
              'Override a setting: generation.blockLength=16, methods.dynamic-dllm.cache.layerBudget=8',
          }),
      )
        .example(`repro ${id}`, 'the whole table')
        .example(
          `repro ${id} --limit 100 --benchmarks gsm8k,math --out runs/long`,
          'more samples of two benchmarks',
        )
        .example(`repro ${id} --resume`, 'go on after an interruption'),
    handler: async (args) => {
      const { limit, model } = args;
      positive('--limit', limit);
      const experiment = resolveExperiment(loadExperiment(id), {
        ...(model === undefined ? {} : { model }),
        ...(limit === undefined ? {} : { limit }),
        ...(args.methods === undefined ? {} : { methods: names(args.methods) }),
        ...(args.benchmarks === undefined ? {} : { benchmarks: names(args.benchmarks) }),
        overrides: args.set.map(parseOverride),
      });
      return runPlanCommand(singlePoint(experiment), args);
    },
  });
}

function names(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
