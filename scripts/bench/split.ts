import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { profiled } from '../../src/engine/profiled.js';
import { timePasses } from '../../src/experiments/bench/time-passes.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { readOrtEvents } from '../../src/measure/ort-trace.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { benchMethod, benchModelDir } from './models.js';

/**
 * Which operators the time inside `run` goes to, by onnxruntime's profiler, for every method:
 *
 *     npx tsx scripts/bench/split.ts [--model reference|random|...] [--methods a,b] [--passes 16]
 *         [--prompt-length 64] [--gen-length 128] [--threads 2]
 *
 * Milliseconds a pass over all passes of the sample, its full first pass included. The profiler slows passes
 * down, so the shares are what counts. A product whose last dimension is the vocabulary is the head's.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'reference' },
    methods: { type: 'string', default: 'vanilla,dllm-cache,fast-dllm,dynamic-dllm' },
    passes: { type: 'string', default: '16' },
    'prompt-length': { type: 'string', default: '64' },
    'gen-length': { type: 'string', default: '128' },
    threads: { type: 'string', default: '2' },
  },
});

interface TimedEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: {
    readonly op_name?: string;
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

const promptLength = Number(values['prompt-length']);
const genLength = Number(values['gen-length']);
const scratch = await mkdtemp(join(tmpdir(), 'repro-split-'));
try {
  const checkpointDir = await benchModelDir(values.model, scratch, promptLength + genLength);
  const { dimensions } = await openCheckpoint(checkpointDir);
  const options = { genLength, blockLength: Math.min(32, genLength), steps: genLength };
  const generation = resolveGeneration(generationOptions.parse(options));
  const canvas = { promptLength, generation, passes: Number(values.passes) };
  const table = new Table({
    head: ['method', 'operator', 'ms a pass', 'share'],
    style: { head: [], border: [] },
  });
  for (const method of values.methods.split(',')) {
    const { value: passes, traces } = await profiled(
      { checkpointDir, threads: Number(values.threads) },
      (engine) =>
        timePasses(engine, dimensions, benchMethod(method, dimensions.family), canvas, monotonicClock),
    );
    const times = new Map<string, number>();
    for (const { cat, name, dur, args } of traces.flatMap((trace) => readOrtEvents<TimedEvent>(trace))) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
      const operator = args.op_name ?? name;
      const output = Object.values(args.output_type_shape?.[0] ?? {})[0];
      const head = /Gemm|MatMul/.test(operator) && output?.at(-1) === dimensions.vocabSize;
      const part = head ? `${operator} of the head` : operator;
      times.set(part, (times.get(part) ?? 0) + dur / 1000);
    }
    const total = [...times.values()].reduce((sum, ms) => sum + ms, 0);
    for (const [part, ms] of [...times].sort(([, a], [, b]) => b - a)) {
      if (ms / total < 0.005) continue;
      table.push([method, part, (ms / passes.length).toFixed(3), `${((100 * ms) / total).toFixed(1)} %`]);
    }
  }
  process.stdout.write(`${values.model}, ${canvas.passes} passes, shares below 0.5 % left out\n${table}\n`);
} finally {
  await rm(scratch, { recursive: true });
}
