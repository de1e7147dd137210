import { ForwardingEngine } from '../../engine/forwarding-engine.js';
import { openLocalEngine } from '../../engine/open.js';
import type { StepEngine, StepRequest, StepResult } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';
import { collectGarbage } from '../../measure/collect-garbage.js';
import { mappedBytes as mappedBytesOf, processMemory } from '../../measure/process-memory.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import { median } from '../../stats/summary.js';
import { watchPasses } from '../passes/watched-passes.js';
import type { TimedCase } from './time-methods.js';

/** Memory of the process while a method decodes, with all garbage collected. */
export interface MemoryUse {
  /** In RAM and no file; null where the system does not tell. */
  readonly anonymousBytes: number | null;
  /** Files in RAM: weights that are mapped, and libraries. */
  readonly mappedBytes: number | null;
  /** Passes that growth was measured over, after a warm-up. */
  readonly steps: number;
  /** Growth of anonymous memory a pass, median of groups of passes; null for fewer than two groups. */
  readonly growthBytesPerStep: number | null;
  /** The same of what JavaScript holds: objects and arrays in use. */
  readonly heapGrowthBytesPerStep: number | null;
}

/** Passes of a sample at most, and milliseconds after which one is left once it had the least. */
const most = 112;
const least = { warmUp: 4, measured: 16 };
const longestMs = 10_000;
/** Passes from one reading to the next. */
const every = 4;
/** Groups of readings that growth is the median of. */
const groups = 6;

/**
 * Decodes two samples in this thread, of which the first is a warm-up, and reads the memory every few passes. In this
 * thread, because garbage can be collected in the own thread only, and what waits for its collection looks like growth.
 * Passes of a sample keep their trace until it ends, which grows by the rows that the layers chose.
 */
export async function measureMemory(
  { dir: checkpointDir, dimensions }: Checkpoint,
  timed: TimedCase,
  threads: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<MemoryUse> {
  const engine = await openLocalEngine({ checkpointDir, threads });
  const sample = (through: StepEngine, atLeast: number) => {
    const started = clock();
    const isEnough = ({ length }: { readonly length: number }) =>
      length >= most || (clock() - started > longestMs && length >= atLeast);
    return watchPasses(through, dimensions, { ...timed, isEnough }, clock, signal);
  };
  try {
    await sample(engine, least.warmUp);
    const watch = new MemoryWatch(engine);
    await sample(watch, least.measured);
    // The first passes of every sample take its caches.
    const levels = watch.levels.slice(Math.ceil(watch.levels.length / 4));
    const { anonymousBytes = null, mappedBytes = null } = levels.at(-1) ?? {};
    return {
      ...{ anonymousBytes, mappedBytes, steps: every * Math.max(0, levels.length - 1) },
      growthBytesPerStep: growthOf(levels.flatMap((level) => level.anonymousBytes ?? [])),
      heapGrowthBytesPerStep: growthOf(levels.map(({ heapBytes }) => heapBytes)),
    };
  } finally {
    await engine.close();
  }
}

/** Growth a pass, median of groups of readings of equal length; null for too few to have two groups. */
function growthOf(levels: readonly number[]): number | null {
  const length = Math.max(1, Math.floor((levels.length - 1) / groups));
  const steps: number[] = [];
  for (let at = length; at < levels.length; at += length) {
    steps.push((levels[at]! - levels[at - length]!) / (length * every));
  }
  return steps.length < 2 ? null : median(steps);
}

interface Level {
  readonly anonymousBytes: number | null;
  readonly mappedBytes: number | null;
  readonly heapBytes: number;
}

/** Reads the memory every few passes. */
class MemoryWatch extends ForwardingEngine {
  readonly levels: Level[] = [];
  #passes = 0;

  override async step(request: StepRequest): Promise<StepResult> {
    const result = await super.step(request);
    this.#passes += 1;
    if (this.#passes % every === 0) this.levels.push(await level());
    return result;
  }
}

async function level(): Promise<Level> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const memory = await processMemory();
  return {
    anonymousBytes: memory.anonymousBytes,
    mappedBytes: mappedBytesOf(memory),
    heapBytes: heapUsed + arrayBuffers,
  };
}
