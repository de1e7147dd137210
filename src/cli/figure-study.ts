import { UsageError } from '../errors.js';
import type { FigureId } from '../experiments/figures/run-figure.js';
import { type CliCommand, defineCommand } from './command.js';
import { resolveDevice } from './device-flag.js';
import { figureText } from './figure-text.js';
import { withInterrupt } from './interrupt.js';
import { checkWhole, planFromFlags } from './plan-flags.js';
import { sampleFlags } from './study-flags.js';

/**
 * The command of a figure that looks inside of vanilla decoding.
 *
 * @param id Of the experiment, and the command's name.
 */
export function figureCommand(id: FigureId, describe: string): CliCommand {
  return defineCommand({
    command: id,
    describe,
    builder: (yargs) =>
      sampleFlags(yargs)
        .option('seed', { type: 'number', requiresArg: true, describe: 'Seed of the order of samples' })
        .option('tau', {
          type: 'number',
          requiresArg: true,
          default: 0.9,
          describe: 'The fixed threshold that waiting tokens stay below (figures 2e and 7)',
        })
        .example(`repro ${id}`, 'on the reference model')
        .example(`repro ${id} --limit 1 --benchmarks gsm8k --out runs/look`, 'a first look'),
    handler: async (args) => {
      const { model, limit, benchmarks, seed, tau, threads, set, data, out, json } = args;
      checkWhole('--threads', threads);
      checkWhole('--seed', seed, 0);
      if (!(tau > 0 && tau <= 1)) {
        throw new UsageError('FLAG', `--tau is ${tau}, but it must be a probability above 0 and at most 1.`);
      }
      const plan = planFromFlags(id, {
        ...{ model, limit, benchmarks, data, quick: false, methods: undefined },
        set: [...(seed === undefined ? [] : [`seed=${seed}`]), ...set],
      });
      const device = await resolveDevice('cpu');
      const { runFigure } = await import('../experiments/figures/run-figure.js');
      const { monotonicClock: clock } = await import('../measure/clock.js');
      const { systemWallClock: now } = await import('../measure/wall-clock.js');
      const say = (line: string) => process.stderr.write(`repro: ${line}\n`);
      const run = await withInterrupt((signal) =>
        runFigure({
          ...{ figure: id, plan, device, tau, threads, out, clock, now, signal, say },
          command: process.argv.slice(2),
        }),
      );
      if (json) {
        const { files, csv, svg, samples, result } = run;
        process.stdout.write(
          `${JSON.stringify({ dir: files.dir, csv, svg, samples, shown: result.shown })}\n`,
        );
      } else process.stdout.write(figureText(plan.title, run));
      say(`data and pictures are in ${run.files.dir}`);
    },
  });
}
