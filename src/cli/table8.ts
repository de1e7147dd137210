import { defineCommand } from './command.js';
import { resolveDevice } from './device-flag.js';
import { figureText } from './figure-text.js';
import { withInterrupt } from './interrupt.js';
import { checkWhole, planFromFlags } from './plan-flags.js';
import { studyFlags } from './study-flags.js';

export const command = defineCommand({
  command: 'table8',
  describe: 'The time that choosing rows (DCU) and thresholds (APD) adds, at three lengths',
  builder: (yargs) =>
    studyFlags(yargs)
      .option('repeats', {
        type: 'number',
        requiresArg: true,
        default: 7,
        describe: 'Timed decodings of each response and method; the methods take turns',
      })
      .example('repro table8', 'on the reference model')
      .example('repro table8 --methods dynamic-dllm-apd --limit 2', 'both choices together'),
  handler: async (args) => {
    const { model, limit, quick, methods, benchmarks, repeats, threads, set, data, out, json } = args;
    checkWhole('--threads', threads);
    checkWhole('--repeats', repeats);
    const plan = planFromFlags('table8', { model, limit, quick, methods, benchmarks, set, data });
    const device = await resolveDevice(args.device);
    const { runLatency } = await import('../experiments/latency/run-latency.js');
    const { monotonicClock: clock } = await import('../measure/clock.js');
    const { systemWallClock: now } = await import('../measure/wall-clock.js');
    const say = (line: string) => process.stderr.write(`repro: ${line}\n`);
    const run = await withInterrupt((signal) =>
      runLatency({
        ...{ plan, device, rounds: repeats, threads, out, clock, now, signal, say },
        command: process.argv.slice(2),
      }),
    );
    if (json) {
      const [table] = run.result.tables;
      process.stdout.write(
        `${JSON.stringify({ dir: run.files.dir, csv: run.csv, samples: run.samples, rows: table!.rows })}\n`,
      );
    } else process.stdout.write(figureText(plan.title, run));
    say(`the data are in ${run.files.dir}`);
  },
});
