import { type CliCommand, defineCommand } from './command.js';
import { experimentFor } from './experiment-for.js';
import { addPlanFlags, precisePlan } from './plan-flags.js';
import { runFlags } from './run-flags.js';
import { runPlanCommand } from './run-plan.js';

/**
 * The command that runs an experiment of the package: a table of the paper, in its layout, or as a sweep.
 *
 * @param id Of the experiment, and the command's name.
 * @param on What it runs on without `--model`, and whether it draws its figures into its folder.
 */
export function tableCommand(
  id: string,
  describe: string,
  on: string | { readonly reference: string; readonly isDrawn: boolean },
): CliCommand {
  const { reference, isDrawn } = typeof on === 'string' ? { reference: on, isDrawn: false } : on;
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
    handler: async (args) =>
      runPlanCommand(await precisePlan(await experimentFor(id, args.model), args), args, { isDrawn }),
  });
}
