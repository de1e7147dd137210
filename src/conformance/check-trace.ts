import type { DecodeResult } from '../decoding/loop.js';
import type { TraceStep } from '../decoding/trace.js';

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
export function traceDifference(run: DecodeResult, recorded: RecordedRun): string | undefined {
  return (
    committedDifference(run.steps, recorded.steps) ??
    (run.nfe === recorded.nfe ? undefined : `NFE ${run.nfe}, recorded ${recorded.nfe}`) ??
    finalDifference(run.tokens, recorded.finalIds) ??
    selectedDifference(run, recorded.extra, recorded.promptLength) ??
    thresholdDifference(run.steps, recorded.extra?.threshold_per_step) ??
    dcuDifference(run.steps, recorded.extra?.dcu)
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
): string | undefined {
  for (const [step, threshold] of (recorded ?? []).entries()) {
    const ours = steps[step]?.threshold;
    if (ours === undefined || !near(ours, threshold)) {
      return `step ${step} threshold ${ours}, recorded ${threshold}`;
    }
  }
  return undefined;
}

type Dcu = NonNullable<Extra>['dcu'];

function dcuDifference(steps: readonly TraceStep[], recorded: Dcu): string | undefined {
  for (const { step, budgets, updated, s } of recorded ?? []) {
    const ours = steps[step];
    const pairs = [
      ['budgets', Array.from(ours?.layerBudgets ?? []), budgets],
      ['updated rows', (ours?.layerRows ?? []).map((rows) => rows.length), updated],
    ] as const;
    for (const [what, mine, theirs] of pairs) {
      if (JSON.stringify(mine) !== JSON.stringify(theirs)) {
        return `step ${step} ${what} ${JSON.stringify(mine)}, recorded ${JSON.stringify(theirs)}`;
      }
    }
    const means = ours?.layerMeans ?? new Float64Array(0);
    const off = s.findIndex((mean, l) => !near(means[l] ?? Number.NaN, mean));
    if (off >= 0) return `step ${step} layer ${off} mean distance ${means[off]}, recorded ${s[off]}`;
  }
  return undefined;
}

function near(ours: number, recorded: number): boolean {
  return Math.abs(ours - recorded) <= absoluteTolerance + relativeTolerance * Math.abs(recorded);
}
