import type { Argv } from 'yargs';
import { chosenSavings, parseSavings } from '../config/engine-options.js';
import { resolveGenerationConfig } from '../config/generation-config.js';
import type { Override } from '../config/overrides.js';
import { UsageError } from '../errors.js';
import { benchModelDir, benchModels, isBenchModel } from '../models/bench-models.js';
import { didYouMean } from '../suggest.js';
import { defineCommand } from './command.js';
import { deviceFlag, resolveDevice } from './device-flag.js';
import { addGenerationFlags, generationOverrides } from './generation-flags.js';
import { withInterrupt } from './interrupt.js';
import { checkWhole, commaList } from './plan-flags.js';
import { modelInPrecision, precisionFlag } from './precision-flag.js';

/** Canvases by name: tokens of prompt, response and block, one token a step. */
const shapes = {
  short: { promptLength: 64, genLength: 128, blockLength: 32 },
  half: { promptLength: 256, genLength: 256, blockLength: 32 },
  gsm8k: { promptLength: 900, genLength: 256, blockLength: 32 },
} as const;
type ShapeName = keyof typeof shapes;

const shapeNames = Object.keys(shapes) as ShapeName[];

function benchFlags<T>(yargs: Argv<T>) {
  return precisionFlag(deviceFlag(yargs))
    .option('model', {
      type: 'string',
      requiresArg: true,
      default: 'reference',
      describe: `Id or folder, or a random model: ${Object.keys(benchModels).join(', ')}`,
    })
    .option('methods', {
      type: 'string',
      requiresArg: true,
      default: 'vanilla,dllm-cache,fast-dllm,dynamic-dllm',
      describe: 'By id: a,b@preset; repro explain lists them',
    })
    .option('shape', {
      type: 'string',
      requiresArg: true,
      describe: `Prompt and response by name: ${shapeNames.map(shapeText).join(', ')}`,
    })
    .option('prompt-length', {
      type: 'number',
      requiresArg: true,
      describe: 'Tokens of the invented prompt; default: that of the shape, else 64',
    })
    .option('passes', {
      type: 'number',
      requiresArg: true,
      default: 16,
      describe: 'Passes of each kind, full and partial, that are timed at least',
    })
    .option('repeats', {
      type: 'number',
      requiresArg: true,
      default: 4,
      describe: 'Rounds that they are spread over; the methods take turns',
    })
    .option('threads', {
      type: 'number',
      requiresArg: true,
      describe: 'Threads of one operator; default: measured on a layer of the model',
    })
    .option('savings', {
      type: 'string',
      requiresArg: true,
      default: 'all',
      describe:
        'Work that passes leave out without a change to any token: all, none or a list (docs/savings.md)',
    })
    .option('growth', {
      type: 'boolean',
      default: false,
      describe: 'Time passes on canvases of 256, 512, ... 4096 tokens too, as far as the model goes',
    })
    .option('whole', {
      type: 'boolean',
      default: false,
      describe: 'Decode a whole response of each method too, beside the composed time',
    })
    .option('batch', {
      type: 'string',
      requiresArg: true,
      describe: 'Throughput mode: full passes over 2,4,... canvases at once, told apart from all else',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder for bench.json, bench.csv and bench.svg; default: no files',
    });
}

export const command = defineCommand({
  command: 'bench',
  describe: 'Time denoising passes beside their own products and what the device reaches at best',
  builder: (yargs) =>
    addGenerationFlags(
      benchFlags(yargs)
        .example('repro bench', 'the reference model on the processor')
        .example('repro bench --model random-100m --shape gsm8k --out bench', 'a larger model, with files')
        .example(
          'repro bench --device webgpu --methods vanilla,fast-dllm --json',
          'kernels and read-back as well',
        ),
    ),
  handler: async (args) => {
    const { passes, repeats, threads, growth, whole, precision } = args;
    checkWhole('--prompt-length', args.promptLength);
    checkWhole('--passes', passes);
    checkWhole('--repeats', repeats);
    checkWhole('--threads', threads);
    const shape = args.shape === undefined ? undefined : shapeOf(args.shape);
    const promptLength = args.promptLength ?? shape?.promptLength ?? shapes.short.promptLength;
    const batches = batchSizes(args.batch);
    const savings = chosenSavings({ savings: parseSavings(args.savings) });
    const given = generationOverrides(args);
    const overrides = [...shapeOverrides(shape, given), ...given];
    const ids = commaList(args.methods);
    if (ids.length === 0) {
      throw new UsageError('FLAG', '--methods names no method; repro explain lists them.');
    }
    const say = (line: string) => process.stderr.write(`repro: ${line}\n`);
    const named = isBenchModel(args.model) ? await benchModelDir(args.model, say) : args.model;
    const model = await modelInPrecision(named, precision, args.device);
    const half = precision === 'fp16';
    const configs = ids.map((method) => resolveGenerationConfig({ model, half, method, overrides }));
    const device = await resolveDevice(args.device);
    const { bench } = await import('../experiments/bench/bench.js');
    const { monotonicClock: clock } = await import('../measure/clock.js');
    const report = await withInterrupt((signal) =>
      bench({
        ...{ device, configs, promptLength, passes, repeats, threads, savings, growth, whole, batches },
        ...{ clock, signal, say },
      }),
    );
    if (args.out !== undefined) {
      const { writeBench } = await import('../experiments/bench/write-bench.js');
      say(`${(await writeBench(report, args.out)).join(', ')} are in ${args.out}`);
    }
    const { benchText } = await import('./bench-text.js');
    process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : benchText(report));
  },
});

/** @throws UsageError `FLAG` */
function batchSizes(text: string | undefined): number[] {
  return commaList(text ?? '').map((word) => {
    const size = Number(word);
    if (Number.isInteger(size) && size >= 2 && size <= 1024) return size;
    throw new UsageError('FLAG', `--batch: "${word}" is no number of canvases; type 2 to 1024, as in 2,4,8.`);
  });
}

function shapeText(name: ShapeName): string {
  const { promptLength, genLength } = shapes[name];
  return `${name} (${promptLength} + ${genLength})`;
}

/** @throws UsageError `FLAG` */
function shapeOf(name: string): (typeof shapes)[ShapeName] {
  const known = shapeNames.find((one) => one === name);
  if (known !== undefined) return shapes[known];
  throw new UsageError(
    'FLAG',
    `--shape: there is no shape "${name}"; type ${shapeNames.join(', ')}.${didYouMean(name, shapeNames)}`,
  );
}

/** What a shape says of the response, below the flags: one token a step, but for a response of another length. */
function shapeOverrides(
  shape: (typeof shapes)[ShapeName] | undefined,
  given: readonly Override[],
): Override[] {
  if (shape === undefined) return [];
  const { genLength, blockLength } = shape;
  const isOther = given.some(({ path }) => path.at(-1) === 'genLength');
  return Object.entries({ genLength, blockLength, ...(isOther ? {} : { steps: genLength }) }).map(
    ([key, value]) => ({ path: ['generation', key], text: String(value), origin: '--shape' }),
  );
}
