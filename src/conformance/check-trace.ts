import type { DecodeResult } from '../decoding/loop.js';
import type { TraceStep } from '../decoding/trace.js';
import type { Deviations } from './deviations.js';

type Step = { readonly step: number; readonly unmasked: readonly (readonly [number, number])[] };

/** What a recorded run says about itself, beside logits. */
export interface RecordedRun {
  readonly promptLength: number;
  readonly finalIds: readonly number[];
  readonly nfe: number;
  readonly steps: readonly Step[];
  readonly extra?: {
    readonly selected?: readonly (readonly [number, number, number, number])[] | undefined;
    readonly selected_indices?: readonly (readonly [number, number, readonly number[]])[] | undefined;
    readonly threshold_per_step?: readonly number[] | undefined;
    readonly dcu?:
      | readonly {
          readonly step: number;
          readonly budgets: readonly number[];
          readonly updated: readonly number[];
          readonly s: readonly number[];
        }[]
      | undefined;
  };
}

/** Layer means and thresholds were recorded in float64; the engine computes distances in float32. */
const relativeTolerance = 1e-3;
const absoluteTolerance = 1e-6;

/** The first difference between a run and its record, as a sentence; undefined if they agree. */
export function traceDifference(
  run: DecodeResult,
  recorded: RecordedRun,
  deviations: Deviations,
): string | undefined {
  return (
    committedDifference(run.steps, recorded.steps) ??
    (run.nfe === recorded.nfe ? undefined : `NFE ${run.nfe}, recorded ${recorded.nfe}`) ??
    finalDifference(run.tokens, recorded.finalIds) ??
    selectedDifference(run, recorded.extra, recorded.promptLength) ??
    thresholdDifference(run.steps, recorded.extra?.threshold_per_step, deviations) ??
    dcuDifference(run.steps, recorded.extra?.dcu, deviations)
  );
}

function committedDifference(steps: readonly TraceStep[], recorded: readonly Step[]): string | undefined {
  for (const { step, unmasked } of recorded) {
    const ours = (steps[step]?.committed ?? []).map(({ position, id }) => [position, id]);
    if (JSON.stringify(ours) !== JSON.stringify(unmasked)) {
      return `step ${step} unmasked ${JSON.stringify(ours)}, recorded ${JSON.stringify(unmasked)}`;
    }
  }
  return steps.length === recorded.length ? undefined : `${steps.length} steps, recorded ${recorded.length}`;
}

function finalDifference(tokens: Int32Array, recorded: readonly number[]): string | undefined {
  if (tokens.length !== recorded.length) return `${tokens.length} final ids, recorded ${recorded.length}`;
  const at = recorded.findIndex((id, i) => id !== tokens[i]);
  return at < 0 ? undefined : `final id at ${at} is ${tokens[at]}, recorded ${recorded[at]}`;
}

type Extra = RecordedRun['extra'];

/** Recorded selections are of response rows; prompt rows of an interval refresh do not count. */
function selectedDifference(run: DecodeResult, extra: Extra, promptLength: number): string | undefined {
  const responseRows = (step: number, layer: number): number[] =>
    Array.from(run.steps[step - 1]?.layerRows?.[layer] ?? [])
      .filter((row) => row >= promptLength)
      .map((row) => row - promptLength);
  for (const [step, layer, , distinct] of extra?.selected ?? []) {
    const { length } = responseRows(step, layer);
    if (length !== distinct)
      return `step ${step - 1} layer ${layer} computed ${length} rows, recorded ${distinct}`;
  }
  for (const [step, layer, positions] of extra?.selected_indices ?? []) {
    const [ours, theirs] = [responseRows(step, layer), positions].map((list) => JSON.stringify(list));
    if (ours !== theirs) return `step ${step - 1} layer ${layer} selected ${ours}, recorded ${theirs}`;
  }
  return undefined;
}

function thresholdDifference(
  steps: readonly TraceStep[],
  recorded: readonly number[] | undefined,
  deviations: Deviations,
): string | undefined {
  for (const [step, threshold] of (recorded ?? []).entries()) {
    const ours = steps[step]?.threshold;
    if (ours === undefined || !near(ours, threshold, deviations)) {
      return `step ${step} threshold ${ours}, recorded ${threshold}`;
    }
  }
  return undefined;
}

type Dcu = NonNullable<Extra>['dcu'];

/**
 * Below this a distance says nothing: the record took 1 - cos in float64, whose rounding is some 1e-16 and of
 * either sign, from layer inputs that differ by the rounding of float32 here.
 */
const unresolved = 1e-13;

/**
 * Whether a layer's choice was decided among rows that did not really change: the last chosen distance is next
 * to nothing, and not all such distances are exactly equal. The conformance notes say that no implementation
 * can be expected to match there; tokens still must.
 */
function isUndecidable(step: TraceStep, layer: number): boolean {
  const budget = step.layerBudgets?.[layer] ?? 0;
  const distances = step.distances;
  if (distances === undefined || budget === 0) return false;
  const length = distances.length / step.layerBudgets!.length;
  const own = distances.slice(layer * length, (layer + 1) * length).sort();
  const last = own[own.length - budget]!;
  return last < unresolved && own.some((d) => d > 0 && d < unresolved);
}

/** Compares budgets, row counts and means up to the first step with a choice that nothing decides. */
function dcuDifference(
  steps: readonly TraceStep[],
  recorded: Dcu,
  deviations: Deviations,
): string | undefined {
  for (const { step, budgets, updated, s } of recorded ?? []) {
    const ours = steps[step];
    if (ours === undefined) return `step ${step} was not reached`;
    const rows = (ours.layerRows ?? []).map((list) => list.length);
    const budgetPairs = [Array.from(ours.layerBudgets ?? []), budgets].map((list) => JSON.stringify(list));
    if (budgetPairs[0] !== budgetPairs[1])
      return `step ${step} budgets ${budgetPairs[0]}, recorded ${budgetPairs[1]}`;
    const means = ours.layerMeans ?? new Float64Array(0);
    for (const layer of s.keys()) {
      const where = `step ${step} layer ${layer}`;
      if (!near(means[layer] ?? Number.NaN, s[layer]!, deviations)) {
        return `${where} mean distance ${means[layer]}, recorded ${s[layer]}`;
      }
      if (isUndecidable(ours, layer)) return undefined;
      if (rows[layer] !== updated[layer])
        return `${where} computed ${rows[layer]} rows, recorded ${updated[layer]}`;
    }
  }
  return undefined;
}

function near(ours: number, recorded: number, deviations: Deviations): boolean {
  deviations.relative(ours, recorded);
  return Math.abs(ours - recorded) <= absoluteTolerance + relativeTolerance * Math.abs(recorded);
}
