import type { StepEngine } from '../../engine/types.js';
import { groupBy } from '../../group-by.js';
import type { Clock } from '../../measure/clock.js';
import type { ModelDimensions } from '../../models/types.js';
import { median, sum } from '../../stats/summary.js';
import { benchPrompt } from '../passes/bench-prompt.js';
import { fitPassCost, type PassCost } from '../passes/pass-cost.js';
import { byPassKind, type PassKind } from '../passes/pass-kinds.js';
import { type WatchedSample, watchPasses } from '../passes/watched-passes.js';
import type { CountedCell } from './count-cells.js';

/** Passes of a sample that are timed, if they are quick. */
const mostPasses = 32;

/** Milliseconds after which a sample is left, once every kind of pass was seen. */
const sampleMs = 1500;

/** Milliseconds after which further methods on the same graph go by the passes of those before. */
const graphMs = 15_000;

/** Passes of one kind on one length of canvas, measured. */
export interface MeasuredKind {
  readonly method: string;
  /** Prompt and response. */
  readonly tokens: number;
  readonly kind: PassKind;
  readonly passes: number;
  readonly medianMs: number;
}

/** A graph with what its passes cost. */
export interface MeasuredGraph {
  readonly graph: string;
  /** To the first pass: building the graph, reading and packing the weights. */
  readonly startMs: number;
  readonly cost: PassCost;
  readonly kinds: readonly MeasuredKind[];
}

/** What measuring asks for. */
export interface MeasureContext {
  readonly engine: StepEngine;
  readonly dimensions: ModelDimensions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Times passes on one graph: of every method that runs on it, on its shortest and its longest canvas.
 *
 * @param cells Those of the graph, at least one.
 * @throws InterruptedError if the signal aborts
 */
export async function measureGraph(
  cells: readonly CountedCell[],
  context: MeasureContext,
): Promise<MeasuredGraph> {
  const { clock } = context;
  const cases = casesOf(cells);
  // Sessions are made, and memory is taken, before the clock counts.
  const { graph, beginMs } = await measure(cases[0]!, context, () => true);
  const started = clock();
  const timed: { readonly of: CountedCell; readonly sample: WatchedSample }[] = [];
  for (const of of cases) {
    const isNew = !timed.some(({ of: { cell } }) => cell.method.id === of.cell.method.id);
    if (isNew && timed.length > 0 && clock() - started > graphMs) break;
    const sample = await measure(of, context, (count, ms) => count >= mostPasses || ms > sampleMs);
    timed.push({ of, sample });
  }
  const kinds = timed.flatMap(({ of, sample }) => kindsOf(of, sample));
  return { graph, startMs: beginMs, cost: fitPassCost(timed.flatMap(({ sample }) => sample.passes)), kinds };
}

/** The shortest and the longest canvas of each method; methods with partial passes first. */
function casesOf(cells: readonly CountedCell[]): CountedCell[] {
  const byMethod = groupBy(cells, ({ cell }) => cell.method.id);
  const pairs = [...byMethod.values()].map((own) => {
    const sorted = own.toSorted((a, b) => a.sample.tokens - b.sample.tokens);
    const [shortest, longest] = [sorted[0]!, sorted.at(-1)!];
    return shortest.sample.tokens === longest.sample.tokens ? [shortest] : [shortest, longest];
  });
  const isPartial = (pair: readonly CountedCell[]) => pair[0]!.sample.passes.some(({ isFull }) => !isFull);
  return [...pairs.filter(isPartial), ...pairs.filter((pair) => !isPartial(pair))].flat();
}

/** @param isEnough Asked once every kind of pass of the cell was seen. */
function measure(
  { cell, promptTokens, sample }: CountedCell,
  { engine, dimensions, clock, signal }: MeasureContext,
  isEnough: (passes: number, ms: number) => boolean,
): Promise<WatchedSample> {
  const least = Math.max(2, sample.passes.findIndex(({ isFull }) => !isFull) + 1);
  const { method, generation } = cell;
  return watchPasses(
    engine,
    dimensions,
    {
      promptIds: benchPrompt(promptTokens, dimensions),
      ...{ method, generation },
      isEnough: (passes) =>
        passes.length >= least && isEnough(passes.length, sum(passes.map(({ totalMs }) => totalMs))),
    },
    clock,
    signal,
  );
}

function kindsOf({ cell }: CountedCell, { tokens, passes }: WatchedSample): MeasuredKind[] {
  return byPassKind(passes, ({ isFull }) => isFull).map(([kind, list]) => {
    const medianMs = median(list.map(({ totalMs }) => totalMs));
    return { method: cell.method.id, tokens, kind, passes: list.length, medianMs };
  });
}
