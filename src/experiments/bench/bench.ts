import type { GenerationConfig } from '../../config/generation-config.js';
import { savingsOf } from '../../decoding/setup.js';
import { firstAdapter } from '../../engine/adapters.js';
import { openBareLinears } from '../../engine/bare-linears.js';
import { measureCeilings } from '../../engine/ceilings.js';
import type { DeviceFacts } from '../../engine/device.js';
import { measureLaunchCosts } from '../../engine/launch-costs.js';
import { defaultThreads, openEngine } from '../../engine/open.js';
import { UsageError } from '../../errors.js';
import { elementCount } from '../../formats/safetensors/dtypes.js';
import type { Saving } from '../../graph/savings.js';
import type { Clock } from '../../measure/clock.js';
import { type Checkpoint, openCheckpoint } from '../../models/checkpoint.js';
import { sum } from '../../stats/summary.js';
import { benchPrompt } from '../passes/bench-prompt.js';
import { countPasses } from '../passes/count-passes.js';
import { type WatchedSample, watchPasses } from '../passes/watched-passes.js';
import { lengthFault } from '../prompt-fit.js';
import { runThreads } from '../run-threads.js';
import type { BenchMethod, BenchReport, WholeGeneration } from './bench-report.js';
import type { GpuWork } from './bottleneck.js';
import { type ComposedGeneration, composeGeneration } from './composed.js';
import { profileGpuWork } from './gpu-work.js';
import { type GrowthPoint, measureGrowth } from './growth.js';
import { type MemoryUse, measureMemory } from './memory-use.js';
import { type ProfiledParts, profileParts } from './part-shares.js';
import { benchPasses } from './pass-report.js';
import { measureThroughput, type ThroughputPoint } from './throughput.js';
import { type MethodTimes, type TimedCase, timeMethods } from './time-methods.js';

export interface BenchOptions {
  readonly device: DeviceFacts;
  /** Methods of one model, in their order; at least one. */
  readonly configs: readonly GenerationConfig[];
  readonly promptLength: number;
  /** Passes of each kind that are timed, at least. */
  readonly passes: number;
  /** Rounds that they are spread over, after one that is not timed. */
  readonly repeats: number;
  /** Default: the fewest that are next to as fast as any, measured on a layer of the model. */
  readonly threads?: number | undefined;
  /** Those of them that the device knows are used. Default: all. */
  readonly savings?: readonly Saving[];
  /** Whether passes are timed on canvases of 256 to 4096 tokens as well. */
  readonly growth?: boolean | undefined;
  /** Whether each method decodes a response to its end as well. */
  readonly whole?: boolean | undefined;
  /** Sizes of passes over several canvases, for the throughput mode. Default: none. */
  readonly batches?: readonly number[] | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
}

/** A method with the passes of a whole sample, counted without the model. */
interface MethodCase {
  readonly id: string;
  readonly timed: TimedCase;
  readonly trace: WatchedSample;
}

/**
 * Times passes of the denoising loop beside their own products and what the device reaches at best, all in this process
 * and run.
 *
 * @throws UsageError `BENCH_CANVAS` for a canvas that the model cannot hold; InterruptedError if the signal aborts
 */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { device, configs, promptLength, clock, say } = options;
  const { model } = configs[0]!;
  const checkpoint = await openCheckpoint(model.dir);
  for (const { generation } of configs) {
    const fault = lengthFault(promptLength, generation, checkpoint.dimensions, device.device);
    if (fault !== undefined)
      throw new UsageError('BENCH_CANVAS', `${fault} (--prompt-length is that of the prompt).`);
  }
  const savings = savingsOf(options, device.device);
  const wishes = { wanted: options.threads, device: device.device, alone: true, clock };
  const threads = (await runThreads([checkpoint], wishes)) ?? defaultThreads(checkpoint.totalBytes);
  const cases = await Promise.all(
    configs.map((config) => methodCase(config, checkpoint, promptLength, savings, device.device)),
  );
  // First, while the process holds nothing else.
  const memory = await memoryOf(cases, checkpoint, threads, options);
  const timed = await timeAll(cases, checkpoint, threads, model.half, options);
  const { facts } = timed;
  const throughput = await throughputOf(configs[0]!, checkpoint, threads, options);
  const precision = facts.weights === 'float16' ? 'float16' : 'float32';
  const probed = { device: device.device, threads };
  const adapter = device.device === 'webgpu' ? await firstAdapter() : undefined;
  say('ceilings of the device');
  const ceilings = await measureCeilings(probed, adapter?.software === true, precision, clock);
  const launchCosts = adapter === undefined ? null : await measureLaunchCosts(probed, clock);
  const methods: BenchMethod[] = [];
  for (const [i, { id, timed: method, trace }] of cases.entries()) {
    let gpu: GpuWork | null = null;
    let profile: ProfiledParts | undefined;
    if (adapter !== undefined) {
      say(`kernels of ${id}`);
      gpu = await profileGpuWork(checkpoint, method, Math.min(options.passes, 8), {
        adapter,
        threads,
        half: model.half,
        clock,
      });
    } else if (device.device === 'cpu') {
      say(`parts of ${id}`);
      profile = await profileParts(checkpoint, method, threads, clock, options.signal);
    }
    const times = timed.times[i]!;
    const { genLength, blockLength } = method.generation;
    const counted = composeGeneration(trace, 'counted', times.passes, options.repeats, genLength);
    const recorded = timed.whole[i];
    const generation =
      recorded === undefined
        ? counted
        : composeGeneration(recorded, 'recorded', times.passes, options.repeats, genLength);
    methods.push({
      ...{ method: id, genLength, blockLength, generation },
      passes: benchPasses(times, {
        dimensions: checkpoint.dimensions,
        precision,
        ceilings,
        launchCosts,
        gpu,
        profile,
      }),
      partsByKind: profile?.isByKind === true,
      whole: recorded === undefined ? null : wholeOf(recorded, generation, counted),
      memory: memory[i] ?? null,
      growth: timed.growth[i] ?? [],
      gpu,
    });
  }
  const parameters = sum(checkpoint.specs.map(({ shape }) => elementCount(shape)));
  return {
    ...({ schema: 2, model: model.id, parameters, device, engine: facts, threads, promptLength } as const),
    ...{ savings, ceilings, launchCosts, methods, throughput },
  };
}

async function methodCase(
  { method: { id, cache, unmask }, generation }: GenerationConfig,
  { dimensions }: Checkpoint,
  promptLength: number,
  savings: readonly Saving[],
  device: string,
): Promise<MethodCase> {
  const promptIds = benchPrompt(promptLength, dimensions);
  const shared = { promptIds, method: { cache, unmask }, generation, savings };
  const trace = await countPasses(shared, dimensions, device);
  return { id, trace, timed: { ...shared, hasPartial: trace.passes.some(({ isFull }) => !isFull) } };
}

async function memoryOf(
  cases: readonly MethodCase[],
  checkpoint: Checkpoint,
  threads: number,
  { device, clock, signal, say }: BenchOptions,
): Promise<MemoryUse[]> {
  if (device.device !== 'cpu') return [];
  const used: MemoryUse[] = [];
  for (const { id, timed } of cases) {
    say(`memory of ${id}`);
    used.push(await measureMemory(checkpoint, timed, threads, clock, signal));
  }
  return used;
}

/** Of the canvas of the first method. */
async function throughputOf(
  { generation }: GenerationConfig,
  checkpoint: Checkpoint,
  threads: number,
  { device, promptLength, batches = [], passes, clock, signal, say }: BenchOptions,
): Promise<ThroughputPoint[]> {
  if (batches.length === 0) return [];
  if (device.device !== 'cpu') {
    throw new UsageError('BENCH_BATCH', '--batch is for the processor; add --device cpu or leave it out.');
  }
  say('several canvases at once');
  const { genLength, blockLength } = generation;
  const sizes = { promptLength, genLength, blockLength, batches, rounds: passes, threads };
  return measureThroughput(checkpoint, sizes, clock, signal);
}

interface TimedMethods {
  readonly facts: Readonly<Record<string, string>>;
  readonly times: readonly MethodTimes[];
  readonly growth: readonly GrowthPoint[][];
  readonly whole: readonly WatchedSample[];
}

/** What is timed in the engine's worker. */
async function timeAll(
  cases: readonly MethodCase[],
  checkpoint: Checkpoint,
  threads: number,
  half: boolean | undefined,
  options: BenchOptions,
): Promise<TimedMethods> {
  const { device, passes, repeats, clock, signal, say } = options;
  const { dimensions } = checkpoint;
  const engine = await openEngine(checkpoint, { device: device.device, threads, half });
  try {
    const linears = device.device === 'cpu' ? await openBareLinears(checkpoint, threads) : undefined;
    const times = await timeMethods(
      cases.map(({ timed }) => timed),
      { engine, dimensions, linears, passes, repeats, clock, signal, say },
    ).finally(() => linears?.close());
    const growth: GrowthPoint[][] = [];
    const whole: WatchedSample[] = [];
    for (const { id, timed } of cases) {
      if (options.growth === true) {
        say(`longer and longer canvases of ${id}`);
        growth.push(await measureGrowth(engine, dimensions, timed, clock, signal));
      }
      if (options.whole !== true) continue;
      say(`a whole generation of ${id}`);
      whole.push(await watchPasses(engine, dimensions, timed, clock, signal));
    }
    return { facts: engine.facts, times, growth, whole };
  } finally {
    await engine.close();
  }
}

function wholeOf(
  { passes }: WatchedSample,
  composed: ComposedGeneration,
  counted: ComposedGeneration,
): WholeGeneration {
  const ms = sum(passes.map(({ totalMs }) => totalMs));
  return {
    ...{ ms, passes: passes.length, flops: composed.flops },
    composedRatio: composed.ms / ms,
    countedRatio: counted.flops / composed.flops,
  };
}
