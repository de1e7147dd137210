import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { benchCases } from './cases.js';
import { randomSize } from './models.js';

/**
 * What a denoising step costs against its own matrix products, in CPU time:
 *
 *     npx tsx scripts/bench/engine.ts [--length 512] [--rows 64] [--rounds 7] [--threads 1] [--json]
 *
 * A random model of 30 M parameters; all computed rows go through the head, but for the last two cases: a run
 * sends only those that may be unmasked. Every round runs all cases one after the other, so that a noisy minute
 * hits all alike; minimum and median of the rounds.
 */
const { values } = parseArgs({
  options: {
    length: { type: 'string', default: '512' },
    rows: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [length, rows, rounds, threads] = [values.length, values.rows, values.rounds, values.threads].map(
  Number,
) as [number, number, number, number];
const size = randomSize(length);

/** CPU milliseconds of the whole process while `work` runs. */
async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const dir = await mkdtemp(join(tmpdir(), 'repro-bench-'));
try {
  process.stderr.write('writing a random model ...\n');
  await writeRandomCheckpoint(dir, size, { seed: 'bench' });
  const { cases, close } = await benchCases(await openCheckpoint(dir), { length, rows, threads });
  const samples = new Map(cases.map(({ id }) => [id, [] as number[]]));
  for (let round = -2; round < rounds; round++) {
    process.stderr.write(round < 0 ? 'warming up ...\n' : `round ${round + 1} of ${rounds}\n`);
    for (const { id, run } of cases) {
      const ms = await cpuMs(run);
      if (round >= 0) samples.get(id)!.push(ms);
    }
  }
  await close();

  const best = (id: string) => Math.min(...samples.get(id)!);
  const middle = (id: string) => median(samples.get(id)!);
  const gflopPerMs = cases[0]!.gflop / best('linears-full');
  const results = cases.map(({ id, what, gflop }) => ({
    id,
    what,
    gflop,
    minCpuMs: best(id),
    medianCpuMs: middle(id),
    /** The time of its products at the speed of the full bare linears. */
    floorCpuMs: gflop / gflopPerMs,
  }));
  const share = rows / length;
  const ratio = (id: string, of: string, scale = 1) => ({
    min: best(id) / (best(of) * scale),
    median: middle(id) / (middle(of) * scale),
  });
  const ratios: { what: string; goal?: number; min: number; median: number }[] = [
    { what: 'full step / its bare linears', goal: 1.25, ...ratio('full', 'linears-full') },
    {
      what: 'partial step / its ideal share m/L of the full step',
      goal: 1.5,
      ...ratio('partial', 'full', share),
    },
    { what: 'adaptive step / its ideal share m/L of the full step', ...ratio('adaptive', 'full', share) },
    { what: 'full step, head on m rows / its bare linears', ...ratio('full-block', 'linears-block') },
    { what: 'partial step / its bare linears', ...ratio('partial', 'linears-partial') },
    { what: 'adaptive step / its bare linears', ...ratio('adaptive', 'linears-partial') },
  ];
  const verdict = (value: number, goal: number | undefined) =>
    goal === undefined ? '' : `<= ${goal}${value > goal ? ', missed' : ''}`;

  if (values.json) {
    const report = { model: size, length, rows, rounds, threads, results, ratios };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const times = new Table({
      head: ['case', 'GFLOP', 'floor ms', 'min CPU-ms', 'median'],
      style: { head: [], border: [] },
    });
    for (const r of results) {
      times.push([r.what, ...[r.gflop, r.floorCpuMs, r.minCpuMs, r.medianCpuMs].map((n) => n.toFixed(1))]);
    }
    const against = new Table({ head: ['ratio', 'min', 'median', 'goal'], style: { head: [], border: [] } });
    for (const { what, min, median: mid, goal } of ratios) {
      against.push([what, min.toFixed(2), mid.toFixed(2), verdict(min, goal)]);
    }
    process.stdout.write(`${times.toString()}\n${against.toString()}\n`);
  }
} finally {
  await rm(dir, { recursive: true });
}
