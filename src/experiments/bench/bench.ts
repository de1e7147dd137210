import type { GenerationConfig } from '../../config/generation-config.js';
import { firstAdapter } from '../../engine/adapters.js';
import { type Ceilings, measureCeilings } from '../../engine/ceilings.js';
import type { DeviceFacts } from '../../engine/device.js';
import { type LaunchCosts, measureLaunchCosts } from '../../engine/launch-costs.js';
import { defaultThreads, openEngine } from '../../engine/open.js';
import { UsageError } from '../../errors.js';
import type { Clock } from '../../measure/clock.js';
import { openCheckpoint } from '../../models/checkpoint.js';
import { lengthFault } from '../prompt-fit.js';
import { bottleneckOf, type GpuWork, type Shares, sharesOf } from './bottleneck.js';
import { profileGpuWork } from './gpu-work.js';
import { type PassSummary, summarisePasses } from './pass-summary.js';
import { timePasses } from './time-passes.js';
import type { PassTime } from './timed-engine.js';

/** Shares of a pass and what limits it. */
export interface BenchPass extends PassSummary {
  readonly shares: Shares;
  readonly bottleneck: string;
}

export interface BenchMethod {
  readonly method: string;
  readonly passes: readonly BenchPass[];
  /** Null on the processor. */
  readonly gpu: GpuWork | null;
}

/** What `repro bench --json` prints. */
export interface BenchReport {
  readonly schema: 1;
  readonly model: string;
  readonly device: DeviceFacts;
  readonly engine: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly promptLength: number;
  readonly ceilings: Ceilings;
  /** Null on the processor. */
  readonly launchCosts: LaunchCosts | null;
  readonly methods: readonly BenchMethod[];
}

export interface BenchOptions {
  readonly device: DeviceFacts;
  /** Methods of one model, in their order; at least one. */
  readonly configs: readonly GenerationConfig[];
  readonly promptLength: number;
  /** Passes of a sample. */
  readonly passes: number;
  /** Samples that are timed, after one that is not. */
  readonly repeats: number;
  readonly threads?: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
}

/**
 * Times passes of the denoising loop beside what the device reaches at best, all in this process and run. The
 * methods take turns, sample by sample, so that drift of the machine meets all alike.
 *
 * @throws UsageError `BENCH_CANVAS` for a canvas that the model cannot hold.
 */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { device, configs, promptLength, passes, clock, signal, say } = options;
  const { model } = configs[0]!;
  const checkpoint = await openCheckpoint(model.dir);
  const threads = options.threads ?? defaultThreads(checkpoint.totalBytes);
  for (const { generation } of configs) {
    const fault = lengthFault(promptLength, generation, checkpoint.dimensions, device.device);
    if (fault !== undefined)
      throw new UsageError('BENCH_CANVAS', `${fault} (--prompt-length is that of the prompt).`);
  }
  const engine = await openEngine(checkpoint, { device: device.device, threads, half: model.half });
  const measured = configs.map((): PassTime[] => []);
  const { facts } = engine;
  try {
    for (let repeat = -1; repeat < options.repeats; repeat++) {
      say(repeat < 0 ? 'warm-up' : `sample ${repeat + 1} of ${options.repeats}`);
      for (const [i, { method, generation }] of configs.entries()) {
        const canvas = { promptLength, generation, passes };
        const times = await timePasses(engine, checkpoint.dimensions, method, canvas, clock, signal);
        if (repeat >= 0) measured[i]!.push(...times);
      }
    }
  } finally {
    await engine.close();
  }
  const precision = facts.weights === 'float16' ? 'float16' : 'float32';
  const probed = { device: device.device, threads };
  const adapter = device.device === 'webgpu' ? await firstAdapter() : undefined;
  say('ceilings of the device');
  const ceilings = await measureCeilings(probed, adapter?.software === true, precision, clock);
  const launchCosts = adapter === undefined ? null : await measureLaunchCosts(probed, clock);
  const methods: BenchMethod[] = [];
  for (const [i, config] of configs.entries()) {
    let work: GpuWork | null = null;
    if (adapter !== undefined) {
      say(`kernels of ${config.method.id}`);
      const canvas = { promptLength, generation: config.generation, passes: Math.min(passes, 8) };
      work = await profileGpuWork(checkpoint, config.method, canvas, {
        adapter,
        threads,
        half: model.half,
        clock,
      });
    }
    const gpu = work === null || launchCosts === null ? null : { work, costs: launchCosts };
    const length = promptLength + config.generation.genLength;
    const summaries = summarisePasses(measured[i]!, checkpoint.dimensions, length, precision);
    methods.push({
      method: config.method.id,
      passes: summaries.map((summary) => {
        const shares = sharesOf(summary, ceilings, gpu);
        return { ...summary, shares, bottleneck: bottleneckOf(shares) };
      }),
      gpu: work,
    });
  }
  return {
    ...({ schema: 1, model: model.id, device, engine: facts, threads, promptLength } as const),
    ...{ ceilings, launchCosts, methods },
  };
}
