import { type GenerationConfig, resolveGenerationConfig } from '../config/generation-config.js';
import { parseOverride } from '../config/overrides.js';
import { counted } from '../counted.js';
import type { DecodeResult } from '../decoding/loop.js';
import type { DecodingModel } from '../decoding/setup.js';
import type { Device } from '../engine/device.js';
import type { Tokenizer } from '../models/tokenizer.js';
import { committedPairs, traceFrame, traceText } from '../results/trace-file.js';
import { defineCommand } from './command.js';
import { deviceFlag, resolveDevice } from './device-flag.js';
import { addGenerationFlags, generationOverrides, modelFlag } from './generation-flags.js';
import { withInterrupt } from './interrupt.js';
import { modelInPrecision } from './precision-flag.js';
import { type PromptSource, promptIdsOf, readPromptFlags, unknownIdNotices } from './prompt.js';
import { refuseUnwritable, writeTrace } from './trace-flag.js';

/** What `--json` prints. */
interface GenerationReport {
  readonly model: string;
  readonly method: string;
  readonly promptIds: readonly number[];
  /** `[genLength]`: the response only. */
  readonly ids: readonly number[];
  /** Up to the first end-of-text or end-of-turn, ids without a token as `<id>`; null without a tokenizer. */
  readonly text: string | null;
  readonly nfe: number;
  readonly steps: readonly { readonly step: number; readonly committed: readonly [number, number][] }[];
  /** Rows computed, and rows of as many full passes; both summed over passes and layers. */
  readonly rows: { readonly computed: number; readonly full: number };
  readonly timings: DecodeResult['timings'];
}

export const command = defineCommand({
  command: 'generate',
  describe: 'Denoise one response and show its text, or every step of it',
  builder: (yargs) =>
    addGenerationFlags(
      modelFlag(deviceFlag(yargs))
        .option('method', {
          type: 'string',
          requiresArg: true,
          default: 'vanilla',
          describe: 'Id of a method, or id@preset; repro explain lists them',
        })
        .option('set', {
          type: 'array',
          string: true,
          requiresArg: true,
          default: [] as string[],
          defaultDescription: 'none',
          describe: 'Override a setting: path=value; repro explain METHOD lists the paths',
        })
        .option('prompt', {
          type: 'string',
          requiresArg: true,
          describe: 'Text; goes through the chat template',
        })
        .option('prompt-ids', {
          type: 'string',
          requiresArg: true,
          describe: 'Token ids: 1,2,3; taken as they are',
        })
        .option('prompt-file', {
          type: 'string',
          requiresArg: true,
          describe: 'File with the text; - is stdin',
        })
        .option('prompt-ids-file', {
          type: 'string',
          requiresArg: true,
          describe: 'File with token ids, separated by commas or white space; - is stdin',
        })
        .option('trace', {
          type: 'string',
          requiresArg: true,
          describe: 'Write the trace of all steps to this file',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
        .example(
          'repro generate --method dynamic-dllm-apd --prompt "What is 3 + 4?"',
          'text on stdout, a summary on stderr',
        )
        .example(
          'repro generate --prompt-ids 2,17,31 --gen-length 64 --block-length 16 --json',
          'every step',
        ),
    ),
  handler: async (args) => {
    const config = resolveGenerationConfig({
      model: await modelInPrecision(args.model, args.precision, args.device),
      half: args.precision === 'fp16',
      method: args.method,
      overrides: [...args.set.map(parseOverride), ...generationOverrides(args)],
    });
    const { prompt, promptIds, promptFile, promptIdsFile } = args;
    const source = readPromptFlags({ prompt, promptIds, promptFile, promptIdsFile });
    const { device } = await resolveDevice(args.device);
    const options = { device, tracePath: args.trace };
    const report = await withInterrupt((signal) => generate(config, source, { ...options, signal }));
    if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else printText(report);
  },
});

interface GenerateOptions {
  readonly device: Device;
  readonly tracePath: string | undefined;
  readonly signal: AbortSignal;
}

async function generate(
  config: GenerationConfig,
  source: PromptSource,
  { device, tracePath, signal }: GenerateOptions,
): Promise<GenerationReport> {
  const { openCheckpoint } = await import('../models/checkpoint.js');
  const { loadTokenizer } = await import('../models/tokenizer.js');
  const { openEngine } = await import('../engine/open.js');
  const { decode } = await import('../decoding/loop.js');
  const { createMethod } = await import('../decoding/method.js');
  const { monotonicClock } = await import('../measure/clock.js');

  const { model, method, generation } = config;
  const checkpoint = await openCheckpoint(model.dir);
  const { dimensions } = checkpoint;
  const tokenizer = await loadTokenizer(model.dir);
  const promptIds = await promptIdsOf(source, {
    ...{ checkpoint, tokenizer, generation, device },
    chatTemplate: model.chatTemplate,
  });
  if (tracePath !== undefined) refuseUnwritable(tracePath);
  const engine = await openEngine(checkpoint, { device, half: model.half });
  try {
    const result = await decode(engine, {
      promptIds,
      generation,
      ...createMethod(method, dimensions.family, generation),
      special: dimensions,
      clock: monotonicClock,
      thresholds: tracePath !== undefined,
      signal,
    });
    if (tracePath !== undefined) {
      const frame = traceFrame({ model: model.id, method, generation, maskId: dimensions.maskId });
      writeTrace(tracePath, traceText(frame, promptIds, result.steps));
    }
    const response = result.tokens.subarray(promptIds.length);
    for (const notice of unknownIdNotices(promptIds, response, tokenizer))
      process.stderr.write(`repro: ${notice}\n`);
    return report(config, promptIds, result, dimensions, tokenizer);
  } finally {
    await engine.close();
  }
}

function report(
  { model, method }: GenerationConfig,
  promptIds: Int32Array,
  { tokens, steps, nfe, rows, timings }: DecodeResult,
  special: DecodingModel,
  tokenizer: Tokenizer | undefined,
): GenerationReport {
  const ids = [...tokens.subarray(promptIds.length)];
  return {
    model: model.id,
    method: method.id,
    promptIds: [...promptIds],
    ids,
    text: tokenizer?.decode(untilEnd(ids, special), { unknown: 'show' }) ?? null,
    nfe,
    steps: steps.map((step) => ({ step: step.step, committed: committedPairs(step) })),
    rows: { computed: rows.layerRows, full: rows.passes * rows.layers * rows.length },
    timings,
  };
}

/** The ids before the first end-of-text or end-of-turn. */
function untilEnd(ids: readonly number[], { eosId, eotId }: DecodingModel): readonly number[] {
  const end = ids.findIndex((id) => id === eosId || id === eotId);
  return end === -1 ? ids : ids.slice(0, end);
}

function printText({ text, ids, nfe, rows, timings, method }: GenerationReport): void {
  process.stdout.write(`${text ?? ids.join(',')}\n`);
  const share = ((100 * rows.computed) / rows.full).toFixed(0);
  const seconds = (timings.denoiseMs / 1000).toFixed(2);
  process.stderr.write(
    `${method}: ${counted(nfe, 'pass', 'passes')} (NFE), ${share} % of the rows of full passes, ${counted(ids.length, 'token')} in ${seconds} s\n`,
  );
}
