import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { openEngine } from '../../src/engine/open.js';
import { timePasses } from '../../src/experiments/bench/time-passes.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { processMemory } from '../../src/measure/process-memory.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { type RandomModelSize, writeRandomCheckpoint } from '../../src/models/random.js';
import { median, sum } from '../../src/stats/summary.js';
import { benchCases } from './cases.js';
import { benchMethod, randomSize } from './models.js';

/**
 * The speed goals that need no PyTorch, each measured now, by wall clock:
 *
 *     npx tsx scripts/bench/goals.ts --model 30m|100m [--only steps,host,memory,method] [--rounds 16]
 *         [--threads 2] [--prompt-length 900] [--gen-length 256]
 *
 * `steps`, `host` and `memory` use a canvas of 512 rows. `method` compares Dynamic-dLLM with vanilla at one
 * token a pass: Dynamic-dLLM decodes the whole response; vanilla, whose passes are all alike, `rounds` passes
 * of it after one that is not counted, whose median times the number of passes is its time.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '30m' },
    only: { type: 'string', default: 'steps,host,memory' },
    rounds: { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
    'prompt-length': { type: 'string', default: '900' },
    'gen-length': { type: 'string', default: '256' },
  },
});
const [rounds, threads] = [Number(values.rounds), Number(values.threads)];
const parts = values.only.split(',');
const table = new Table({ head: ['measure', 'goal', 'measured', ''], style: { head: [], border: [] } });

function row(what: string, value: number, goal?: { text: string; reached: boolean }) {
  table.push([what, goal?.text ?? '', value.toFixed(3), goal ? (goal.reached ? 'reached' : 'missed') : '']);
}
const atMost = (value: number, goal: number) => ({ text: `<= ${goal}`, reached: value <= goal });
const atLeast = (value: number, goal: number) => ({ text: `>= ${goal}`, reached: value >= goal });

function size(maxSequenceLength: number): RandomModelSize {
  if (values.model === '30m') return randomSize(maxSequenceLength);
  if (values.model !== '100m') throw new Error(`--model is ${values.model}, but it must be 30m or 100m.`);
  return { dModel: 768, layers: 12, heads: 12, ffnDim: 2048, vocabSize: 8192, maxSequenceLength };
}

const dir = await mkdtemp(join(tmpdir(), 'repro-goals-'));
try {
  const promptLength = Number(values['prompt-length']);
  const genLength = Number(values['gen-length']);
  await writeRandomCheckpoint(dir, size(Math.max(512, promptLength + genLength)), { seed: 'bench' });
  const checkpoint = await openCheckpoint(dir);
  const { dimensions } = checkpoint;
  if (parts.includes('steps') || parts.includes('memory')) {
    const [length, rows] = [512, 64];
    const { cases, close } = await benchCases(checkpoint, { length, rows, threads });
    const ids = ['linears-full', 'full', 'linears-partial', 'partial', 'adaptive'];
    const timed = cases.filter(({ id }) => ids.includes(id));
    const times = new Map(ids.map((id) => [id, [] as number[]]));
    for (let round = -2; parts.includes('steps') && round < rounds; round++) {
      for (const { id, run } of timed) {
        const start = monotonicClock();
        await run();
        if (round >= 0) times.get(id)!.push(monotonicClock() - start);
      }
    }
    if (parts.includes('steps')) {
      const ms = (id: string) => median(times.get(id)!);
      const full = ms('full') / ms('linears-full');
      row('full step / its bare linears, L = 512', full, atMost(full, 1.25));
      const ideal = (ms('linears-full') * rows) / length;
      const partial = ms('partial') / ideal;
      row('partial step, m = 64 / ideal share (bare linears x m / L)', partial, atMost(partial, 1.5));
      row('the same / share of the full step', (ms('partial') * length) / (ms('full') * rows));
      row('the same / its own bare linears', ms('partial') / ms('linears-partial'));
      row('adaptive step, m = 64 / ideal share', ms('adaptive') / ideal);
    }
    if (parts.includes('memory')) {
      const step = cases.find(({ id }) => id === 'partial')!;
      const levels: number[] = [];
      for (let n = 0; n < 160; n++) {
        await step.run();
        if (n >= 32 && n % 16 === 15) levels.push((await processMemory()).anonymousBytes! / 1024);
      }
      const growth = median(levels.slice(1).map((level, i) => (level - levels[i]!) / 16));
      row('growth of anonymous memory, kB a partial step, median of groups of 16', growth, atMost(growth, 0));
      row(
        'the same, kB a step from first to last group',
        (levels.at(-1)! - levels[0]!) / (16 * (levels.length - 1)),
      );
    }
    await close();
  }
  if (parts.includes('host') || parts.includes('method')) {
    const engine = await openEngine(checkpoint, { threads });
    const passesOf = (id: string, prompt: number, response: number, passes: number) => {
      const options = { genLength: response, blockLength: Math.min(32, response), steps: response };
      const generation = resolveGeneration(generationOptions.parse(options));
      const canvas = { promptLength: prompt, generation, passes };
      return timePasses(engine, dimensions, benchMethod(id, dimensions.family), canvas, monotonicClock);
    };
    if (parts.includes('host')) {
      for (const id of ['vanilla', 'dllm-cache', 'fast-dllm', 'dynamic-dllm']) {
        const passes = (await passesOf(id, 256, 256, rounds + 2)).slice(2);
        const share = median(passes.map(({ totalMs, runMs }) => (totalMs - runMs) / totalMs));
        row(`${id}: share of a pass outside run, L = 512`, share, atMost(share, 0.05));
      }
    }
    if (parts.includes('method')) {
      const vanilla = (await passesOf('vanilla', promptLength, genLength, rounds + 1)).slice(1);
      const dynamic = await passesOf('dynamic-dllm', promptLength, genLength, genLength);
      const whole = sum(dynamic.map(({ totalMs }) => totalMs));
      const vanillaMs = median(vanilla.map(({ totalMs }) => totalMs));
      const ratio = (vanillaMs * genLength) / whole;
      const rowsOf = (list: typeof vanilla) => sum(list.map(({ layerRows }) => layerRows)) / list.length;
      row('vanilla: ms a pass, median', vanillaMs);
      row('vanilla: rows a layer, mean', rowsOf(vanilla) / dimensions.layers);
      row('Dynamic-dLLM: ms a pass, mean', whole / dynamic.length);
      row('Dynamic-dLLM: rows a layer, mean', rowsOf(dynamic) / dimensions.layers);
      const what = `Dynamic-dLLM (${dynamic.length} passes) / vanilla (${genLength}), P = ${promptLength}`;
      row(`${what}, G = ${genLength}`, ratio, atLeast(ratio, 3.27));
    }
    await engine.close();
  }
  process.stdout.write(
    `random ${values.model}, ${(checkpoint.totalBytes / 4e6).toFixed(1)} M weights, ${threads} threads, ${rounds} rounds\n${table.toString()}\n`,
  );
} finally {
  await rm(dir, { recursive: true });
}
