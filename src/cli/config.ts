import { UsageError } from '../errors.js';
import type { PlanEstimate } from '../experiments/estimate.js';
import { defineCommand } from './command.js';
import { addPlanFlags, planFromFlags } from './plan-flags.js';

export const command = defineCommand({
  command: 'config [file]',
  describe: 'What an experiment or sweep would run: settings, cells, hash, and about how long',
  builder: (yargs) =>
    addPlanFlags(
      yargs.positional('file', {
        type: 'string',
        describe: 'An experiment file, or the id of an experiment or sweep of the package',
      }),
    )
      .option('estimate', {
        type: 'boolean',
        default: true,
        describe: 'Estimate the time; --no-estimate leaves this machine alone',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
      .option('schema', {
        type: 'boolean',
        default: false,
        describe: 'Print the JSON Schema of experiment files, for editors',
      })
      .example('repro config table1 --limit 100', 'what the table would run, and how long it would take')
      .example('repro config my-sweep.yaml --set seed=7', 'a file of your own')
      .example('repro config --schema > experiment.schema.json', 'for "# yaml-language-server: $schema="'),
  handler: async (args) => {
    if (args.schema) {
      const { experimentJsonSchema } = await import('../config/json-schema.js');
      process.stdout.write(experimentJsonSchema());
      return 0;
    }
    if (args.file === undefined) {
      throw new UsageError(
        'FLAG',
        'config needs a file, or an id such as table1; "repro config --schema" needs none.',
      );
    }
    const plan = planFromFlags(args.file, args);
    const { planFacts } = await import('../experiments/plan-facts.js');
    const facts = await planFacts(plan);
    const estimate = args.estimate ? await estimateOf(plan) : undefined;
    if (args.json) {
      const { estimateJson } = await import('./config-json.js');
      const json = { ...facts, estimate: estimate === undefined ? null : estimateJson(estimate) };
      process.stdout.write(`${JSON.stringify(json)}\n`);
      return 0;
    }
    const { renderPlan } = await import('./config-text.js');
    process.stdout.write(`${renderPlan(facts, estimate)}\n`);
    return 0;
  },
});

/** @throws UsageError for a checkpoint that is not there. */
async function estimateOf(plan: ReturnType<typeof planFromFlags>): Promise<PlanEstimate> {
  const { estimatePlan } = await import('../experiments/estimate.js');
  const { monotonicClock } = await import('../measure/clock.js');
  return estimatePlan(plan, monotonicClock);
}
