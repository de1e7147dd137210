import { profiled } from '../../engine/profiled.js';
import { type GraphPart, graphParts } from '../../graph/builder.js';
import type { Clock } from '../../measure/clock.js';
import { type NodeTimes, readNodeTimes } from '../../measure/node-times.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import { median, sum } from '../../stats/summary.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import { passesOf, type TimedCase } from './time-methods.js';

/** Shares of the time in a graph's nodes; they add up to 1. */
export type PartShares = Readonly<Record<GraphPart, number>>;

/** Where the time inside `run` goes, by onnxruntime's profile. */
export interface ProfiledParts {
  /** Of each kind of pass; where a method's passes are spread over several sessions, that of all passes. */
  readonly byKind: ReadonlyMap<PassKind, PartShares>;
  readonly isByKind: boolean;
}

/** Passes that are profiled, after two that are not counted. */
const wanted = { full: 6, partial: 10 };
const warmUp = { full: 1, partial: 1 };

/**
 * Decodes a few passes under onnxruntime's profiler. It slows passes down, small nodes most, so that shares are what it tells.
 */
export async function profileParts(
  { dir: checkpointDir, dimensions }: Checkpoint,
  timed: TimedCase,
  threads: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProfiledParts> {
  const { value, traces } = await profiled({ checkpointDir, threads }, async (engine) => {
    const context = { engine, dimensions, clock, signal };
    const before = await passesOf(timed, warmUp, context);
    return { skipped: before.length, passes: await passesOf(timed, wanted, context) };
  });
  const sessions = traces.map(readNodeTimes).filter(({ length }) => length > 0);
  const { skipped, passes } = value;
  const [runs = []] = sessions;
  if (sessions.length === 1 && runs.length === skipped + passes.length) {
    const ran = passes.map(({ isFull }, i) => ({ isFull, run: runs[skipped + i]! }));
    const kinds = byPassKind(ran, ({ isFull }) => isFull);
    const byKind = kinds.map(([kind, own]) => [kind, sharesOf(own.map(({ run }) => run))] as const);
    return { byKind: new Map(byKind), isByKind: true };
  }
  const all = sharesOf(sessions.flat());
  return { byKind: new Map([['full', all] as const, ['partial', all] as const]), isByKind: false };
}

/** Of the median run of each part, which what else runs on the machine disturbs little. Other names count to `other`. */
function sharesOf(runs: readonly NodeTimes[]): PartShares {
  const of = (part: GraphPart, run: NodeTimes) =>
    part === 'other' ? sum([...run].map(([name, us]) => (isNamed(name) ? 0 : us))) : (run.get(part) ?? 0);
  const medians = graphParts.map((part) => [part, median(runs.map((run) => of(part, run)))] as const);
  const total = sum(medians.map(([, us]) => us));
  return Object.fromEntries(medians.map(([part, us]) => [part, us / total])) as PartShares;
}

function isNamed(name: string): boolean {
  return name !== 'other' && graphParts.some((part) => part === name);
}
