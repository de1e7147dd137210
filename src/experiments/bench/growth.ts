import type { StepEngine } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';
import { mappedBytes, processMemory } from '../../measure/process-memory.js';
import { contextLength } from '../../models/context.js';
import type { ModelDimensions } from '../../models/types.js';
import { median } from '../../stats/summary.js';
import { benchPrompt } from '../passes/bench-prompt.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import { passesOf, type TimedCase } from './time-methods.js';

/** Passes of one kind on one length of canvas. */
export interface GrowthPoint {
  /** Prompt and response. */
  readonly tokens: number;
  readonly kind: PassKind;
  readonly passes: number;
  readonly medianMs: number;
  /** Of the process after these passes; null where the system does not tell. */
  readonly anonymousBytes: number | null;
  readonly mappedBytes: number | null;
}

const shortest = 256;
const longest = 4096;
/** Timed passes. */
const wanted = { full: 3, partial: 3 };

/** 256, 512, ... up to 4096 or what the model was made for. */
export function growthLengths(dimensions: Parameters<typeof contextLength>[0]): number[] {
  const lengths: number[] = [];
  const most = Math.min(longest, contextLength(dimensions));
  for (let tokens = shortest; tokens <= most; tokens *= 2) lengths.push(tokens);
  return lengths;
}

/** Times a method on longer and longer prompts, with the response that it has. Lengths without room for it are left out. */
export async function measureGrowth(
  engine: StepEngine,
  dimensions: ModelDimensions,
  timed: TimedCase,
  clock: Clock,
  signal: AbortSignal,
): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  const { genLength } = timed.generation;
  const lengths = growthLengths(dimensions).filter((tokens) => tokens > genLength);
  for (const tokens of lengths) {
    const longer = { ...timed, promptIds: benchPrompt(tokens - genLength, dimensions) };
    const context = { engine, dimensions, clock, signal };
    await passesOf(longer, { full: 1, partial: 1 }, context);
    const passes = await passesOf(longer, wanted, context);
    const memory = await processMemory();
    const bytes = { anonymousBytes: memory.anonymousBytes, mappedBytes: mappedBytes(memory) };
    for (const [kind, list] of byPassKind(passes, ({ isFull }) => isFull)) {
      const medianMs = median(list.map(({ totalMs }) => totalMs));
      points.push({ tokens, kind, passes: list.length, medianMs, ...bytes });
    }
  }
  return points;
}
