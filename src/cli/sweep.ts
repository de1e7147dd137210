import { isSweep } from '../config/experiment-plan.js';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { addPlanFlags, precisePlan } from './plan-flags.js';
import { runFlags } from './run-flags.js';
import { runPlanCommand } from './run-plan.js';

export const command = defineCommand({
  command: 'sweep <file>',
  describe: 'Run an experiment for every combination of the values that it sweeps',
  builder: (yargs) =>
    runFlags(
      addPlanFlags(
        yargs.positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'YAML file with "grid" or "zip", or id of a sweep of the package',
        }),
      ),
    )
      .example('repro sweep layer-budget', 'B_layer and B_window of Dynamic-dLLM')
      .example('repro sweep my.yaml --no-timing', 'accuracies alone, on all cores')
      .example('repro sweep my.yaml --resume', 'go on after an interruption'),
  handler: async (args) => {
    const plan = await precisePlan(args.file, args);
    if (!isSweep(plan)) {
      throw new UsageError(
        'SWEEP_EMPTY',
        `${args.file} sweeps nothing: add "grid:" or "zip:", or type repro run ${args.file}.`,
      );
    }
    return runPlanCommand(plan, args);
  },
});
