import { resolveGenerationConfig } from '../config/generation-config.js';
import { defineCommand } from './command.js';
import { deviceFlag, resolveDevice } from './device-flag.js';
import { addGenerationFlags, generationOverrides, modelFlag } from './generation-flags.js';
import { withInterrupt } from './interrupt.js';
import { checkWhole } from './plan-flags.js';
import { modelInPrecision } from './precision-flag.js';

export const command = defineCommand({
  command: 'bench',
  describe: 'Time denoising passes beside what the device reaches at best, and say what limits them',
  builder: (yargs) =>
    addGenerationFlags(
      modelFlag(deviceFlag(yargs))
        .option('methods', {
          type: 'string',
          requiresArg: true,
          default: 'vanilla,dllm-cache,fast-dllm,dynamic-dllm',
          describe: 'By id: a,b@preset; repro explain lists them',
        })
        .option('prompt-length', {
          type: 'number',
          requiresArg: true,
          default: 64,
          describe: 'Tokens of the invented prompt',
        })
        .option('passes', {
          type: 'number',
          requiresArg: true,
          default: 16,
          describe: 'Passes of a sample, the first of them full',
        })
        .option('repeats', {
          type: 'number',
          requiresArg: true,
          default: 5,
          describe: 'Samples a method that are timed; the methods take turns',
        })
        .option('threads', {
          type: 'number',
          requiresArg: true,
          describe: 'Threads of one operator; default: by the size of the model',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
        .example('repro bench', 'the reference model on the processor')
        .example(
          'repro bench --device webgpu --methods vanilla,fast-dllm --json',
          'kernels and read-back as well',
        ),
    ),
  handler: async (args) => {
    const { promptLength, passes, repeats, threads } = args;
    checkWhole('--prompt-length', promptLength);
    checkWhole('--passes', passes);
    checkWhole('--repeats', repeats);
    checkWhole('--threads', threads);
    const overrides = generationOverrides(args);
    const model = await modelInPrecision(args.model, args.precision, args.device);
    const configs = args.methods
      .split(',')
      .map((id) =>
        resolveGenerationConfig({ model, half: args.precision === 'fp16', method: id.trim(), overrides }),
      );
    const device = await resolveDevice(args.device);
    const { bench } = await import('../experiments/bench/bench.js');
    const { benchText } = await import('./bench-text.js');
    const { monotonicClock: clock } = await import('../measure/clock.js');
    const say = (line: string) => process.stderr.write(`repro: ${line}\n`);
    const report = await withInterrupt((signal) =>
      bench({
        ...{ device, configs, promptLength, passes, repeats, threads },
        ...{ clock, signal, say },
      }),
    );
    process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : benchText(report));
  },
});
