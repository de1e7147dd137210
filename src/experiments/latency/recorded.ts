import { type CachePolicy, emptyShape, type SampleShape } from '../../caching/policy.js';
import type { BlockView, Predictions, Selection, UnmaskingRule } from '../../decoding/rule.js';
import type { TraceStep } from '../../decoding/trace.js';
import type { AdaptivePlan } from '../../engine/types.js';
import type { RowFamily } from '../../graph/spec.js';

/**
 * The rows of a decoding that was recorded, given by the host: the graph computes the same rows in the same layers,
 * but compares no layer inputs, keeps none, and ranks nothing. What a decoding with choice takes longer is the choice.
 * (The top-k of the graph stays, over no candidates and for no row.)
 */
export class RecordedRows implements CachePolicy {
  readonly rows: RowFamily = {
    kind: 'adaptive',
    feature: 'none',
    valueRows: 'selected',
    featureUpdate: 'selected',
    storeRaw: false,
    guardEmpty: false,
  };
  readonly #steps: readonly TraceStep[];
  #shape: SampleShape = emptyShape;
  #pass = 0;

  /** @param steps With `layerRows`. */
  constructor(steps: readonly TraceStep[]) {
    this.#steps = steps;
  }

  begin(shape: SampleShape): void {
    this.#shape = shape;
    this.#pass = 0;
  }

  beforeStep(): AdaptivePlan {
    const { layers, length } = this.#shape;
    const mandatory = new Uint8Array(layers * length);
    for (const [layer, rows] of this.#steps[this.#pass]!.layerRows!.entries()) {
      for (const row of rows) mandatory[layer * length + row] = 1;
    }
    return {
      kind: 'adaptive',
      mandatory,
      candidates: new Uint8Array(length),
      scope: new Uint8Array(length).fill(1),
      budgets: new Int32Array(layers),
    };
  }

  afterStep(): void {
    this.#pass++;
  }
}

/** Unmasks what a recorded decoding unmasked, pass by pass, and asks the engine for no more than that takes. */
export class RecordedChoices implements UnmaskingRule {
  readonly needsShift = false;
  readonly headRows = 'eligible';
  readonly fixedSchedule: boolean;
  readonly wholeSequence: boolean;
  readonly #positions: readonly ReadonlySet<number>[];

  /** @param rule That of the recorded decoding, whose blocks and schedule are taken over. */
  constructor(rule: UnmaskingRule, steps: readonly TraceStep[]) {
    this.fixedSchedule = rule.fixedSchedule;
    this.wholeSequence = rule.wholeSequence ?? false;
    this.#positions = steps.map(({ committed }) => new Set(committed.map(({ position }) => position)));
  }

  begin(): void {}

  select({ positions }: Predictions, { pass }: BlockView): Selection {
    const wanted = this.#positions[pass]!;
    return { chosen: [...positions.keys()].filter((i) => wanted.has(positions[i]!)) };
  }
}
