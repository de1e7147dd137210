import { defineCommand } from './command.js';
import { resolveDevice } from './device-flag.js';
import { figureText } from './figure-text.js';
import { withInterrupt } from './interrupt.js';
import { checkWhole, planFromFlags } from './plan-flags.js';
import { studyFlags } from './study-flags.js';

export const command = defineCommand({
  command: 'apd-drift',
  describe: "How APD's thresholds move from step to step, with the paper's weights and the released ones",
  builder: (yargs) =>
    studyFlags(yargs)
      .example('repro apd-drift', 'on the reference model')
      .example('repro apd-drift --model reference-dream --limit 4', 'on the Dream reference model')
      .example('repro run apd-drift', 'accuracy, passes and agreement of the same methods'),
  handler: async (args) => {
    const { model, limit, quick, methods, benchmarks, threads, set, data, out, json } = args;
    checkWhole('--threads', threads);
    const plan = planFromFlags('apd-drift', { model, limit, quick, methods, benchmarks, set, data });
    const device = await resolveDevice(args.device);
    const { runDrift } = await import('../experiments/drift/run-drift.js');
    const { monotonicClock: clock } = await import('../measure/clock.js');
    const { systemWallClock: now } = await import('../measure/wall-clock.js');
    const say = (line: string) => process.stderr.write(`repro: ${line}\n`);
    const run = await withInterrupt((signal) =>
      runDrift({
        ...{ plan, device, threads, out, clock, now, signal, say },
        command: process.argv.slice(2),
      }),
    );
    if (json) {
      const { files, csv, samples, result } = run;
      process.stdout.write(
        `${JSON.stringify({ dir: files.dir, csv, samples, rows: result.tables[0]!.rows })}\n`,
      );
    } else process.stdout.write(figureText(plan.title, run));
    say(`the data are in ${run.files.dir}`);
  },
});
