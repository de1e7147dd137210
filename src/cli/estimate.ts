import type { ExperimentPlan } from '../config/experiment-plan.js';
import type { SizedPlan } from '../experiments/forecast/forecast.js';
import { defineCommand } from './command.js';
import { deviceFlag, resolveDevice } from './device-flag.js';
import { experimentFor } from './experiment-for.js';
import { withInterrupt } from './interrupt.js';
import { addPlanFlags, checkWhole, type PlanFlags, planFromFlags, precisePlan } from './plan-flags.js';

export const command = defineCommand({
  command: 'estimate [experiment]',
  describe: 'What an experiment will take on this machine: time, memory and disk, from passes timed now',
  builder: (yargs) =>
    deviceFlag(
      addPlanFlags(
        yargs.positional('experiment', {
          type: 'string',
          default: 'table1',
          describe: 'An id, such as table1, or a file',
        }),
      ),
    )
      .option('threads', {
        type: 'number',
        requiresArg: true,
        describe: 'Threads of one operator; default: measured where speed is, else by the size of the model',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
      .example('repro estimate table1', 'the whole table, and what --quick would take')
      .example(
        'repro estimate table1 --model GSAI-ML/LLaDA-8B-Instruct --precision int4 --methods vanilla,dynamic-dllm',
        'before hours of work',
      ),
  handler: async (args) => {
    const { threads, json, precision } = args;
    checkWhole('--threads', threads);
    const id = await experimentFor(args.experiment, args.model);
    const wanted = await precisePlan(id, args);
    const isConverted = precision === 'int8' || precision === 'int4';
    const sourceDir = isConverted ? modelDir(planFromFlags(id, args)) : undefined;
    const model = isConverted ? modelDir(wanted) : args.model;
    const plans = sizes(id, wanted, { ...args, model });
    const device = await resolveDevice(args.device);
    const { forecast } = await import('../experiments/forecast/forecast.js');
    const { monotonicClock: clock } = await import('../measure/clock.js');
    const say = (line: string) => process.stderr.write(`repro: ${line}\n`);
    const result = await withInterrupt((signal) =>
      forecast({ plans, sourceDir, device, threads, clock, signal, say }),
    );
    if (json) {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      return;
    }
    const { forecastText } = await import('./estimate-text.js');
    process.stdout.write(`${forecastText(result, wanted)}\n`);
  },
});

/** The plan as asked for, with the samples of its file, and with those of --quick; each size once. */
function sizes(id: string, wanted: ExperimentPlan, flags: PlanFlags): [SizedPlan, ...SizedPlan[]] {
  const whole = planFromFlags(id, { ...flags, limit: undefined, quick: false });
  const asked = flags.quick
    ? '--quick'
    : flags.limit === undefined
      ? 'as it stands'
      : `--limit ${flags.limit}`;
  const others: SizedPlan[] =
    flags.quick || flags.limit !== undefined ? [{ size: 'as it stands', plan: whole }] : [];
  // A sweep over "limit" has no quick look.
  const isSwept = wanted.points.some(({ params }) => 'limit' in params);
  if (!flags.quick && !isSwept) {
    others.push({ size: '--quick', plan: planFromFlags(id, { ...flags, limit: undefined, quick: true }) });
  }
  return [{ size: asked, plan: wanted }, ...others];
}

function modelDir({ points: [{ experiment }] }: ExperimentPlan): string {
  return experiment.model.dir;
}
