import { type CliCommand, defineCommand } from './command.js';
import { addPlanFlags, precisePlan } from './plan-flags.js';
import { runFlags } from './run-flags.js';
import { runPlanCommand } from './run-plan.js';

/**
 * The command that runs an experiment of the package: a table of the paper, in its layout, or as a sweep.
 *
 * @param id Of the experiment, and the command's name.
 * @param reference What it runs on without `--model`.
 */
export function tableCommand(id: string, describe: string, reference: string): CliCommand {
  return defineCommand({
    command: id,
    describe,
    builder: (yargs) =>
      runFlags(addPlanFlags(yargs, reference))
        .example(`repro ${id}`, 'the whole table')
        .example(`repro ${id} --quick`, 'a first look, with fewer samples')
        .example(
          `repro ${id} --limit 100 --benchmarks gsm8k --out runs/long`,
          'more samples of one benchmark',
        )
        .example(`repro ${id} --resume`, 'go on after an interruption'),
    handler: async (args) => runPlanCommand(await precisePlan(id, args), args),
  });
}
