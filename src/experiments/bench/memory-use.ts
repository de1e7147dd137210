import { ForwardingEngine } from '../../engine/forwarding-engine.js';
import { openLocalEngine } from '../../engine/open.js';
import type { StepRequest, StepResult } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';
import { collectGarbage } from '../../measure/collect-garbage.js';
import { processMemory } from '../../measure/process-memory.js';
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

/** In passes. */
const warmUp = 8;
const group = 8;
const groups = 8;
/** Milliseconds after which no further group is begun. */
const longestMs = 20_000;

/**
 * Decodes a sample in this thread and reads the memory between groups of passes. In this thread, because garbage can be
 * collected in the own thread only, and what waits for its collection looks like growth.
 */
export async function measureMemory(
  { dir: checkpointDir, dimensions }: Checkpoint,
  { hasPartial: _, ...timed }: TimedCase,
  threads: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<MemoryUse> {
  const engine = new MemoryWatch(await openLocalEngine({ checkpointDir, threads }));
  const started = clock();
  const isEnough = ({ length }: { readonly length: number }) =>
    length >= warmUp + group * groups || (clock() - started > longestMs && length > warmUp + 2 * group);
  try {
    await watchPasses(engine, dimensions, { ...timed, isEnough }, clock, signal);
  } finally {
    await engine.close();
  }
  const { levels } = engine;
  const { anonymousBytes = null, mappedBytes = null } = levels.at(-1) ?? {};
  const growth = (of: (level: Level) => number | null): number | null => {
    const steps = levels.slice(1).map((level, i) => ((of(level) ?? 0) - (of(levels[i]!) ?? 0)) / group);
    return steps.length < 2 ? null : median(steps);
  };
  return {
    ...{ anonymousBytes, mappedBytes },
    steps: group * Math.max(0, levels.length - 1),
    growthBytesPerStep: anonymousBytes === null ? null : growth((level) => level.anonymousBytes),
    heapGrowthBytesPerStep: growth((level) => level.heapBytes),
  };
}

interface Level {
  readonly anonymousBytes: number | null;
  readonly mappedBytes: number | null;
  readonly heapBytes: number;
}

/** Reads the memory after every group of passes. */
class MemoryWatch extends ForwardingEngine {
  readonly levels: Level[] = [];
  #passes = 0;

  override async step(request: StepRequest): Promise<StepResult> {
    const result = await super.step(request);
    this.#passes += 1;
    if (this.#passes >= warmUp && (this.#passes - warmUp) % group === 0) this.levels.push(await level());
    return result;
  }
}

async function level(): Promise<Level> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const { anonymousBytes, residentBytes } = await processMemory();
  const mappedBytes = anonymousBytes === null ? null : residentBytes - anonymousBytes;
  return { anonymousBytes, mappedBytes, heapBytes: heapUsed + arrayBuffers };
}
