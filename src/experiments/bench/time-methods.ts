import type { BareLinears } from '../../engine/bare-linears.js';
import type { StepEngine } from '../../engine/types.js';
import type { Clock } from '../../measure/clock.js';
import type { ModelDimensions } from '../../models/types.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import { type WatchedCase, type WatchedPass, watchPasses } from '../passes/watched-passes.js';
import { executedRows } from './pass-summary.js';

/** What of a method is timed: its first passes on a canvas. */
export interface TimedCase extends Omit<WatchedCase, 'isEnough'> {
  /** Whether it has passes that do not compute every row. */
  readonly hasPartial: boolean;
}

/** The bare linears of the passes of one kind. */
export interface FloorTimes {
  /** Rows of the linears, and of the head: means of what the engine runs, to whole rows. */
  readonly rows: number;
  readonly headRows: number;
  /** Milliseconds of each run. */
  readonly times: number[];
}

export interface MethodTimes {
  readonly passes: WatchedPass[];
  /** Empty without bare linears. */
  readonly floors: Map<PassKind, FloorTimes>;
}

export interface TimingContext {
  readonly engine: StepEngine;
  readonly dimensions: ModelDimensions;
  /** Undefined where the device has none. */
  readonly linears: BareLinears | undefined;
  /** Passes of each kind that are timed, at least. */
  readonly passes: number;
  /** Rounds that they are spread over, after one that is not timed. */
  readonly repeats: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
}

/**
 * Times passes of several methods and the bare linears of each kind of pass. All take turns, round by round, so that drift
 * of the machine meets all alike. A sample goes on until it had as many partial passes as are wanted, so that all that a
 * method does by turns is in it; its first pass is full, so samples of one pass make up for kinds that are rare.
 */
export async function timeMethods(
  cases: readonly TimedCase[],
  context: TimingContext,
): Promise<MethodTimes[]> {
  const { passes, repeats, linears, clock, say } = context;
  const measured = cases.map((): MethodTimes => ({ passes: [], floors: new Map() }));
  const each = Math.ceil(passes / repeats);
  for (let round = -1; round < repeats; round++) {
    say(round < 0 ? 'warm-up' : `round ${round + 1} of ${repeats}`);
    for (const [i, timed] of cases.entries()) {
      const { passes: all, floors } = measured[i]!;
      const fresh = await passesOf(timed, { full: each, partial: passes }, context);
      if (round >= 0) all.push(...fresh);
      if (linears === undefined) continue;
      for (const [kind, list] of byPassKind(fresh, ({ isFull }) => isFull)) {
        const floor = floors.get(kind) ?? floorOf(list, context.dimensions.layers);
        floors.set(kind, floor);
        for (let run = 0; run < each; run++) {
          const started = clock();
          await linears.run(floor.rows, floor.headRows);
          if (round >= 0) floor.times.push(clock() - started);
        }
      }
    }
  }
  return measured;
}

/** How many passes of each kind are wanted. */
export interface WantedPasses {
  readonly full: number;
  readonly partial: number;
}

/**
 * Passes of a method: those of a sample until it had enough partial ones, and further first passes, which are full. In the
 * order in which they ran.
 */
export async function passesOf(
  { hasPartial, ...timed }: TimedCase,
  wanted: WantedPasses,
  { engine, dimensions, clock, signal }: Pick<TimingContext, 'engine' | 'dimensions' | 'clock' | 'signal'>,
): Promise<WatchedPass[]> {
  const watch = async (isEnough: (done: readonly WatchedPass[]) => boolean) =>
    (await watchPasses(engine, dimensions, { ...timed, isEnough }, clock, signal)).passes;
  const full = (done: readonly WatchedPass[]) => done.filter(({ isFull }) => isFull).length;
  const all = [
    ...(await watch((done) =>
      hasPartial ? done.length - full(done) >= wanted.partial : full(done) >= wanted.full,
    )),
  ];
  while (full(all) < wanted.full) {
    const first = await watch(() => true);
    all.push(...first);
    if (full(first) === 0) break;
  }
  return all;
}

function floorOf(passes: readonly WatchedPass[], layers: number): FloorTimes {
  const { executedRowsPerLayer, headRows } = executedRows(passes, layers);
  const whole = (rows: number) => Math.max(1, Math.round(rows));
  return {
    rows: whole(executedRowsPerLayer),
    headRows: Math.min(whole(headRows), whole(executedRowsPerLayer)),
    times: [],
  };
}
