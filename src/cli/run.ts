import { defineCommand } from './command.js';
import { addPlanFlags, precisePlan } from './plan-flags.js';
import { runFlags } from './run-flags.js';
import { runPlanCommand } from './run-plan.js';

export const command = defineCommand({
  command: 'run <file>',
  describe: 'Run an experiment or a sweep of your own',
  builder: (yargs) =>
    runFlags(
      addPlanFlags(
        yargs.positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'YAML file, or id of an experiment or sweep of the package',
        }),
      ),
    )
      .example('repro config my.yaml', 'what it would run, and how long that takes')
      .example('repro run my.yaml --limit 16 --set generation.genLength=64', 'with changes')
      .example('repro run my.yaml --shard 1/4 --out runs/1', 'a quarter of it; repro merge joins the parts'),
  handler: async (args) => runPlanCommand(await precisePlan(args.file, args), args),
});
