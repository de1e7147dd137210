import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { defaultThreads, openEngine } from '../../src/engine/open.js';
import { type BenchCanvas, timePasses } from '../../src/experiments/bench/time-passes.js';
import type { PassTime } from '../../src/experiments/bench/timed-engine.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { methodsOf } from './method-flops.js';
import { benchMethod, benchModelDir } from './models.js';

/**
 * What a pass of the denoising loop takes beside the session's `run`: planning, messages to and from the
 * worker, inputs, cache write-back, unmasking, trace and counters.
 *
 *     npx tsx scripts/bench/overhead.ts [--models random,reference,reference-dream] [--methods a,b]
 *         [--length 512] [--gen-length 256] [--block-length 32] [--steps 128]
 *         [--passes 24] [--repeats 7] [--threads N] [--json]
 *
 * The loop is `decode()` with the engine in its worker, as in a run; each repeat ends after `passes` passes. The
 * repeats are the same passes, so the least time of each pass is taken, of `run` and of the rest apart: what
 * other work on the machine adds is left out. `random` is a model of 30 M parameters on a canvas of `length`;
 * the other models have canvases of the run's own kind, 64 + 128.
 */
const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'random,reference,reference-dream' },
    methods: { type: 'string' },
    length: { type: 'string', default: '512' },
    'gen-length': { type: 'string', default: '256' },
    'block-length': { type: 'string', default: '32' },
    steps: { type: 'string', default: '128' },
    passes: { type: 'string', default: '24' },
    repeats: { type: 'string', default: '7' },
    threads: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** The share of a pass that the rest may take on the random model. */
const limit = 0.05;

interface Measured {
  readonly model: string;
  readonly method: string;
  readonly threads: number;
  readonly passes: number;
  /** Microseconds of a pass inside `run`, mean over passes of the least over repeats. */
  readonly runUs: number;
  /** The same of the rest. */
  readonly restUs: number;
  readonly share: number;
  /** Of the rest, the median over all passes and repeats: with what other work adds. */
  readonly medianRestUs: number;
  /** The median of the rest's share of single passes: of the usual kind of pass, other work included. */
  readonly medianShare: number;
}

function canvasOf(name: string): BenchCanvas {
  const random = name.startsWith('random');
  const genLength = random ? Number(values['gen-length']) : 128;
  const steps = random ? Number(values.steps) : 128;
  const options = { genLength, blockLength: Number(values['block-length']), steps };
  const promptLength = random ? Number(values.length) - genLength : 64;
  const generation = resolveGeneration(generationOptions.parse(options));
  return { promptLength, generation, passes: Number(values.passes) };
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

function summarise(repeats: readonly (readonly PassTime[])[]) {
  const rest = ({ totalMs, runMs }: PassTime) => totalMs - runMs;
  const least = (part: (pass: PassTime) => number) =>
    1000 * mean(repeats[0]!.map((_, i) => Math.min(...repeats.map((passes) => part(passes[i]!)))));
  const runUs = least(({ runMs }) => runMs);
  const restUs = least(rest);
  const medianRestUs = 1000 * median(repeats.flatMap((passes) => passes.map(rest)));
  const medianShare = median(repeats.flatMap((passes) => passes.map((pass) => rest(pass) / pass.totalMs)));
  const share = restUs / (runUs + restUs);
  return { passes: repeats[0]!.length, runUs, restUs, share, medianRestUs, medianShare };
}

const scratch = await mkdtemp(join(tmpdir(), 'repro-overhead-'));
const results: Measured[] = [];
try {
  for (const name of values.models.split(',')) {
    const checkpoint = await openCheckpoint(await benchModelDir(name, scratch, Number(values.length)));
    const { dimensions, totalBytes } = checkpoint;
    const canvas = canvasOf(name);
    const threads = values.threads === undefined ? defaultThreads(totalBytes) : Number(values.threads);
    const wanted = values.methods?.split(',');
    const methods = methodsOf(dimensions.family, canvas.generation);
    const engine = await openEngine(checkpoint, { threads });
    for (const method of methods.filter((id) => wanted === undefined || wanted.includes(id))) {
      process.stderr.write(`${name} ${method}\n`);
      const repeats: PassTime[][] = [];
      // The first time is a warm-up.
      for (let repeat = -1; repeat < Number(values.repeats); repeat++) {
        const passes = await timePasses(
          engine,
          dimensions,
          benchMethod(method, dimensions.family),
          canvas,
          monotonicClock,
        );
        if (repeat >= 0) repeats.push(passes);
      }
      results.push({ model: name, method, threads, ...summarise(repeats) });
    }
    await engine.close();
  }
} finally {
  await rm(scratch, { recursive: true });
}

if (values.json) {
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
} else {
  const table = new Table({
    head: [
      'model',
      'threads',
      'method',
      'passes',
      'run µs',
      'rest µs',
      'share',
      'median: rest µs',
      'share',
      'limit',
    ],
    style: { head: [], border: [] },
  });
  for (const { model, threads, method, passes, runUs, restUs, share, medianRestUs, medianShare } of results) {
    const verdict = share <= limit ? 'held' : 'missed';
    table.push([
      model,
      threads,
      method,
      passes,
      ...[runUs, restUs].map((us) => us.toFixed(0)),
      `${(100 * share).toFixed(1)} %`,
      medianRestUs.toFixed(0),
      `${(100 * medianShare).toFixed(1)} %`,
      model.startsWith('random') ? `<= 5 %, ${verdict}` : '',
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
}
