import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { loadMethod } from '../../src/config/method.js';
import { resolveModel } from '../../src/config/model.js';
import { decode } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { openEngine } from '../../src/engine/open.js';
import { openModel, promptIds } from '../../src/experiments/loaded-model.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { captureEnvironment } from '../../src/measure/environment.js';
import { packageRoot } from '../../src/paths.js';
import { loadTask } from '../../src/tasks/library.js';
import { selectSamples } from '../../src/tasks/select.js';
import type { Recording } from './a-vs-a-trials.js';

/**
 * Records how long the reference model takes for the same samples over and over, methods interleaved as in a run:
 *
 *     npx tsx scripts/stats/record-rounds.ts --out FILE.json [--rounds 60] [--samples 4] [--methods a,b]
 *         [--threads 1]
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    rounds: { type: 'string', default: '60' },
    samples: { type: 'string', default: '4' },
    methods: {
      type: 'string',
      default: 'vanilla,dllm-cache,fast-dllm,dynamic-dllm,fast-dllm-dual-parallel,dynamic-dllm-apd',
    },
    threads: { type: 'string' },
  },
});
if (values.out === undefined) throw new Error('--out FILE.json is missing');

const threads = values.threads === undefined ? undefined : Number(values.threads);
const model = await openModel(resolveModel('reference'), threads);
const engine = await openEngine(model.checkpoint, { device: 'cpu', threads: model.threads });
const task = loadTask('gsm8k', 'mini');
const samples = selectSamples(await task.samples(), Number(values.samples), 1234).map(({ parts }) =>
  promptIds(model, parts, task.spec),
);
const methods = values.methods.split(',');
const { dimensions } = model.checkpoint;
const generation = resolveGeneration(generationOptions.parse({}));

async function timeOf(method: string, ids: Int32Array): Promise<number> {
  const parts = createMethod(loadMethod(method), dimensions.family, generation);
  const request = { promptIds: ids, generation, ...parts, special: dimensions, clock: monotonicClock };
  return (await decode(engine, request)).timings.denoiseMs;
}

// Round 0 warms up.
const times = new Map(methods.map((method) => [method, [] as number[][]]));
for (let round = 0; round <= Number(values.rounds); round++) {
  const ofRound = new Map(methods.map((method) => [method, [] as number[]]));
  for (const [i, ids] of samples.entries()) {
    for (const m of methods.keys()) {
      const method = methods[(i + m) % methods.length]!;
      ofRound.get(method)!.push(Math.round((await timeOf(method, ids)) * 1000) / 1000);
    }
  }
  if (round > 0) for (const [method, list] of ofRound) times.get(method)!.push(list);
  process.stderr.write(`round ${round}\n`);
}
await engine.close();

const { cpu, cores, node, onnxruntime } = await captureEnvironment(packageRoot);
const recording: Recording = {
  about: {
    model: 'reference',
    benchmark: 'gsm8k (mini)',
    cpu,
    cores: `${cores} cores`,
    threads: `${model.threads} ${model.threads === 1 ? 'thread' : 'threads'}`,
    load: `load average ${loadavg()[2]!.toFixed(0)} at the end`,
    node: `Node ${node}`,
    onnxruntime: `onnxruntime ${onnxruntime}`,
    unit: 'milliseconds of the denoising loop: rounds of samples',
  },
  denoiseMs: Object.fromEntries(times),
};
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(recording)}\n`);
