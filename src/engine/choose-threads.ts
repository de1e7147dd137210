import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { layerProbeModel } from '../graph/layer-probe.js';
import type { GraphModel } from '../graph/layers.js';
import type { Clock } from '../measure/clock.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { median, sum } from '../stats/summary.js';
import { readCommandLine } from './command-line.js';
import { graphModelOf } from './graph-model.js';
import type { Feeds } from './ort-session.js';
import { plainSession } from './plain-session.js';
import { ropeFeeds } from './sample-constants.js';
import { float32, int64 } from './tensors.js';

/** Rows of a partial and of a full pass, about. */
const probedRows = [32, 256] as const;
const rounds = 4;
/** Rounds beyond the first two begin within this time. */
const budgetMs = 1000;
/** Runs of a session in a row; the first is left out, since it wakes its threads. */
const runsInRow = 4;
/** Fewer threads are taken where more of them gain less than this share. */
const worthwhile = 0.1;

/** Time of one layer with a number of threads. */
export interface ThreadTime {
  readonly threads: number;
  /** Median milliseconds, for each of `probedRows`. */
  readonly ms: readonly number[];
}

export interface ThreadChoice {
  readonly threads: number;
  readonly tried: readonly ThreadTime[];
}

/** 1, 2, 4, ... and all. */
export function threadCounts(cores: number): number[] {
  const counts: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) counts.push(threads);
  return [...counts, cores];
}

/**
 * The fewest threads that are next to as fast as any, by the mean over the row counts of time over the least time.
 * @param tried At least one.
 */
export function fewestThreads(tried: readonly ThreadTime[]): number {
  const least = probedRows.map((_, i) => Math.min(...tried.map(({ ms }) => ms[i]!)));
  const slowness = ({ ms }: ThreadTime) => sum(ms.map((value, i) => value / least[i]!)) / ms.length;
  const best = Math.min(...tried.map(slowness));
  const enough = tried.filter((each) => slowness(each) <= best * (1 + worthwhile));
  return Math.min(...enough.map(({ threads }) => threads));
}

/**
 * How many threads an operator of this model takes on this machine: times one layer of it with 1, 2, 4, ... and all
 * cores, in turns. Takes less than a second for a small model. No result depends on the number: rows of a product are
 * shared between threads, never a sum.
 */
export async function chooseThreads(
  checkpoint: Checkpoint,
  clock: Clock,
  cores = availableParallelism(),
): Promise<ThreadChoice> {
  const counts = threadCounts(cores);
  if (counts.length === 1) return { threads: 1, tried: [] };
  const model = graphModelOf(checkpoint);
  const { bytes, whole } = layerProbeModel(model);
  const feeds = probedRows.map((rows) => probeFeeds(model, rows, whole));
  const sessions: InferenceSession[] = [];
  await readCommandLine();
  try {
    for (const threads of counts)
      sessions.push(await plainSession(bytes, { weightsDir: checkpoint.weightsDir, threads }));
    const elapsedMs = counts.map(() => probedRows.map((): number[] => []));
    const began = clock();
    for (let round = 0; round < rounds && (round < 2 || clock() - began < budgetMs); round++) {
      for (const [s, session] of sessions.entries()) {
        for (const [f, feed] of feeds.entries()) {
          for (let run = 0; run < runsInRow; run++) {
            const started = clock();
            await session.run(feed);
            if (run > 0) elapsedMs[s]![f]!.push(clock() - started);
          }
        }
      }
    }
    const tried = counts.map((threads, s) => ({ threads, ms: elapsedMs[s]!.map(median) }));
    return { threads: fewestThreads(tried), tried };
  } finally {
    for (const session of sessions) await session.release();
  }
}

function probeFeeds(model: GraphModel, rows: number, whole: boolean): Feeds {
  const x = float32(new Float32Array(rows * model.dModel).fill(0.5), [rows, model.dModel]);
  const rope = ropeFeeds(model, rows);
  if (!whole) return { x, ...rope };
  return {
    x,
    ...rope,
    positions: int64(
      Int32Array.from({ length: rows }, (_, i) => i),
      [1, rows],
    ),
  };
}
