import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { resolveDevice } from '../../src/cli/device-flag.js';
import { checkWhole, commaList } from '../../src/cli/plan-flags.js';
import { resolveGenerationConfig } from '../../src/config/generation-config.js';
import { UsageError } from '../../src/errors.js';
import { bench } from '../../src/experiments/bench/bench.js';
import type { BenchReport } from '../../src/experiments/bench/bench-report.js';
import { savings as allSavings, type Saving } from '../../src/graph/savings.js';
import { monotonicClock } from '../../src/measure/clock.js';
import {
  type BenchModelName,
  benchModelDir,
  benchModels,
  isBenchModel,
} from '../../src/models/bench-models.js';

/**
 * The speed goals that need no PyTorch, each by `bench`, that is what `repro bench` measures:
 *
 *     npx tsx scripts/bench/goals.ts [--models random-30m,random-100m] [--passes 16] [--repeats 4] [--threads 2]
 *         [--parts steps,host,methods]
 *
 * `steps`: full passes (vanilla) and passes of a block of 64 rows (Fast-dLLM) on a canvas of 512, nothing left out, against
 * their bare linears. `host`: what is outside of `run`, and growth of memory, with all savings. `methods`: Dynamic-dLLM
 * against vanilla at one token a pass, P = 900, G = 256, composed. About 9 minutes on two idle cores.
 */
const parts = ['steps', 'host', 'methods'] as const;
/** The goals are for these models. */
const partsOf: Readonly<Record<BenchModelName, readonly (typeof parts)[number][]>> = {
  'random-30m': ['steps', 'host'],
  'random-100m': ['steps', 'methods'],
  'random-1b': ['steps'],
};
const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'random-30m,random-100m' },
    passes: { type: 'string', default: '16' },
    repeats: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    parts: { type: 'string', default: parts.join(',') },
  },
});
const [passes, repeats, threads] = (['passes', 'repeats', 'threads'] as const).map((name) => {
  checkWhole(`--${name}`, Number(values[name]));
  return Number(values[name]);
}) as [number, number, number];
const wanted = commaList(values.parts);
for (const part of wanted) {
  if ((parts as readonly string[]).includes(part)) continue;
  throw new UsageError('FLAG', `--parts: there is no part "${part}"; type ${parts.join(', ')}.`);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const table = new Table({
  head: ['model', 'measure', 'goal', 'measured', ''],
  style: { head: [], border: [] },
});

function row(model: string, what: string, value: number, goal: string, isReached: boolean) {
  table.push([model, what, goal, value.toFixed(3), isReached ? 'reached' : 'missed']);
}

async function measure(
  model: string,
  ids: readonly string[],
  canvas: { readonly promptLength: number; readonly genLength: number; readonly blockLength: number },
  savings: readonly Saving[],
): Promise<BenchReport> {
  const { genLength, blockLength, promptLength } = canvas;
  const overrides = Object.entries({ genLength, blockLength, steps: genLength }).map(([key, value]) => {
    return { path: ['generation', key], text: String(value), origin: key };
  });
  return bench({
    device: await resolveDevice('cpu'),
    configs: ids.map((method) => resolveGenerationConfig({ model, method, overrides })),
    ...{ promptLength, passes, repeats, threads, savings, say, clock: monotonicClock },
    signal: new AbortController().signal,
  });
}

for (const name of commaList(values.models)) {
  if (!isBenchModel(name)) {
    throw new UsageError(
      'FLAG',
      `--models: there is no model "${name}"; type ${Object.keys(benchModels).join(', ')}.`,
    );
  }
  const own = partsOf[name].filter((part) => wanted.includes(part));
  const dir = await benchModelDir(name, say);
  const middle = { promptLength: 256, genLength: 256 };
  if (own.includes('steps')) {
    const { methods } = await measure(dir, ['vanilla', 'fast-dllm'], { ...middle, blockLength: 64 }, []);
    const full = methods[0]!.passes[0]!.floor!.ratio;
    row(name, 'full step / its bare linears, L = 512', full, '<= 1.25', full <= 1.25);
    const partial = methods[1]!.passes.find(({ kind }) => kind === 'partial')!;
    const { idealRatio, ratio } = partial.floor!;
    const what = `partial step, m = ${partial.executedRowsPerLayer} of 512`;
    row(name, `${what} / ideal share of the bare linears`, idealRatio, '<= 1.5', idealRatio <= 1.5);
    table.push([name, `${what} / its own bare linears`, '', ratio.toFixed(3), '']);
  }
  if (own.includes('host')) {
    const all = ['vanilla', 'dllm-cache', 'fast-dllm', 'dynamic-dllm'];
    const { methods } = await measure(dir, all, { ...middle, blockLength: 32 }, allSavings);
    for (const { method, passes: kinds, memory } of methods) {
      for (const { kind, shares } of kinds) {
        row(
          name,
          `${method}, ${kind}: share outside run, L = 512`,
          shares.outside,
          '<= 0.05',
          shares.outside <= 0.05,
        );
      }
      const kilobytes = (bytes: number | null | undefined) => (bytes ?? Number.NaN) / 1024;
      const growth = kilobytes(memory?.growthBytesPerStep);
      // Memory comes in pages of 4 kB, and a group of passes has about twelve.
      row(name, `${method}: growth of memory, kB a pass`, growth, '0 (< 0.4)', growth < 0.4);
      const held = kilobytes(memory?.heapGrowthBytesPerStep);
      table.push([name, `${method}: growth of what JavaScript holds (the trace)`, '', held.toFixed(3), '']);
    }
  }
  if (own.includes('methods')) {
    const canvas = { promptLength: 900, genLength: 256, blockLength: 32 };
    const { methods } = await measure(dir, ['vanilla', 'dynamic-dllm'], canvas, allSavings);
    const [vanilla, dynamic] = methods.map(({ generation }) => generation.tokensPerSecond);
    const speedup = dynamic! / vanilla!;
    row(name, 'Dynamic-dLLM / vanilla, P = 900, G = 256', speedup, '>= 3.27, aim 6', speedup >= 3.27);
  }
}
process.stdout.write(
  `${threads} threads, medians of ${passes} passes of a kind or more; against PyTorch: scripts/peers\n${table}\n`,
);
