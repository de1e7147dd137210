import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { withInterrupt } from './interrupt.js';
import { addPlanFlags, checkWhole, planFromFlags, precisePlan } from './plan-flags.js';

export const command = defineCommand({
  command: 'drift [experiment]',
  describe: 'What int8 or int4 changes: predictions, tokens, and how many answers are right',
  builder: (yargs) =>
    addPlanFlags(
      yargs.positional('experiment', {
        type: 'string',
        default: 'table1',
        describe: 'Whose methods, benchmarks and lengths: an id or a file',
      }),
      'the reference model',
    )
      .option('threads', {
        type: 'number',
        requiresArg: true,
        describe: 'Threads of one operator; default: by the size of the model',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
      .example(
        'repro drift --precision int8 --limit 16 --methods vanilla,dynamic-dllm',
        'on the reference model',
      )
      .example(
        'repro drift --model GSAI-ML/LLaDA-8B-Instruct --precision int4 --benchmarks gsm8k --limit 8',
        'on a real one',
      ),
  handler: async (args) => {
    const { experiment, precision = 'fp32', threads, json } = args;
    checkWhole('--threads', threads);
    if (precision === 'fp32') {
      throw new UsageError(
        'FLAG',
        'repro drift compares a precision with fp32; add --precision int8 or int4.',
      );
    }
    if (precision === 'fp16') {
      throw new UsageError(
        'PRECISION_DEVICE',
        'repro drift runs on the processor, which widens fp16 to fp32; add --precision int8 or int4.',
      );
    }
    const exact = planFromFlags(experiment, args);
    const converted = await precisePlan(experiment, args);
    const { runPrecisionDrift } = await import('../experiments/precision-drift/run-precision-drift.js');
    const { monotonicClock: clock } = await import('../measure/clock.js');
    const say = (line: string) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${line}`);
    const drift = await withInterrupt((signal) =>
      runPrecisionDrift({ exact, converted, threads, clock, signal, say }),
    ).finally(() => process.stderr.isTTY && process.stderr.write('\r\u001b[K'));
    const { driftText } = await import('./drift-text.js');
    process.stdout.write(json ? `${JSON.stringify({ precision, ...drift })}\n` : driftText(drift, precision));
  },
});
