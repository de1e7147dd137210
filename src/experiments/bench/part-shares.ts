import { profiled } from '../../engine/profiled.js';
import { type GraphPart, graphParts } from '../../graph/builder.js';
import type { Clock } from '../../measure/clock.js';
import { type NodeTimes, readNodeTimes } from '../../measure/node-times.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import { sum } from '../../stats/summary.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import { type WatchedPass, watchPasses } from '../passes/watched-passes.js';
import type { TimedCase } from './time-methods.js';

/** Shares of the time in a graph's nodes; they add up to 1. */
export type PartShares = Readonly<Record<GraphPart, number>>;

/** Where the time inside `run` goes, by onnxruntime's profile. */
export interface ProfiledParts {
  /** Of each kind of pass; where a method's passes are spread over several sessions, that of all passes. */
  readonly byKind: ReadonlyMap<PassKind, PartShares>;
  readonly isByKind: boolean;
}

/** Passes of each kind that are profiled, if the method has them among the first ones. */
const wanted = 4;
const most = 12;

/**
 * Decodes a few passes under onnxruntime's profiler, after two that are not counted. The profiler slows passes down, small
 * nodes most, so that shares are what it tells.
 */
export async function profileParts(
  { dir: checkpointDir, dimensions }: Checkpoint,
  { hasPartial, ...timed }: TimedCase,
  threads: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProfiledParts> {
  const { value, traces } = await profiled({ checkpointDir, threads }, async (engine) => {
    const watch = async (isEnough: (done: readonly WatchedPass[]) => boolean) =>
      (await watchPasses(engine, dimensions, { ...timed, isEnough }, clock, signal)).passes;
    const warmUp = await watch(({ length }) => length === 2);
    const passes = await watch((done) => done.length === most || hasEnough(done, hasPartial));
    return { warmUp: warmUp.length, passes };
  });
  const sessions = traces.map(readNodeTimes).filter(({ length }) => length > 0);
  const { warmUp, passes } = value;
  const [runs = []] = sessions;
  if (sessions.length === 1 && runs.length === warmUp + passes.length) {
    const ran = passes.map(({ isFull }, i) => ({ isFull, run: runs[warmUp + i]! }));
    const kinds = byPassKind(ran, ({ isFull }) => isFull);
    const byKind = kinds.map(([kind, own]) => [kind, sharesOf(own.map(({ run }) => run))] as const);
    return { byKind: new Map(byKind), isByKind: true };
  }
  const all = sharesOf(sessions.flat());
  return {
    byKind: new Map([
      ['full', all],
      ['partial', all],
    ]),
    isByKind: false,
  };
}

function hasEnough(passes: readonly WatchedPass[], hasPartial: boolean): boolean {
  const full = passes.filter(({ isFull }) => isFull).length;
  return hasPartial ? passes.length - full >= wanted && full > 0 : full >= wanted;
}

/** Nodes that no part names count to `other`. */
function sharesOf(runs: readonly NodeTimes[]): PartShares {
  const total = sum(runs.flatMap((run) => [...run.values()]));
  const of = (part: GraphPart) => sum(runs.map((run) => run.get(part) ?? 0)) / total;
  const named = graphParts.filter((part) => part !== 'other').map((part) => [part, of(part)] as const);
  const other = 1 - sum(named.map(([, share]) => share));
  return { ...(Object.fromEntries(named) as Omit<PartShares, 'other'>), other } as PartShares;
}
