import type { AdaptiveFamily } from '../../graph/adaptive.js';
import type { Feeds } from '../ort-session.js';
import { bool, float32, floatScalar, int64, positions } from '../tensors.js';
import type { AdaptivePlan } from '../types.js';

/** The mandatory rows of every layer, and which layers have any row at all. */
export interface MandatoryRows {
  readonly rows: readonly Int32Array[];
  /** Per layer, whether it computes anything but a stand-in. */
  readonly filled: readonly boolean[];
}

/** Per layer the mandatory rows of a plan; position 0 stands in where a layer has neither rows nor a budget. */
export function mandatoryRows({ mandatory, candidates, budgets }: AdaptivePlan): MandatoryRows {
  const length = candidates.length;
  const chosen = Array.from(budgets, (_, l) => {
    const flags = mandatory.subarray(l * length, (l + 1) * length);
    return Int32Array.from(flags.keys()).filter((i) => flags[i] === 1);
  });
  const filled = chosen.map((rows, l) => rows.length > 0 || budgets[l]! > 0);
  return { rows: chosen.map((rows, l) => (filled[l] ? rows : Int32Array.of(0))), filled };
}

/** The inputs of a graph in which every layer chooses its rows (`graph/device/choose-rows.ts`). */
export function adaptiveInputs(family: AdaptiveFamily, plan: AdaptivePlan, mandatory: MandatoryRows): Feeds {
  const layers = plan.budgets.length;
  const length = plan.candidates.length;
  const listed = mandatory.rows.flatMap((rows) => Array.from(rows));
  const feeds: Feeds = {
    // One number more, so that the list is never empty.
    mandatory: float32(Float32Array.of(...listed, 0), [listed.length + 1, 1]),
    candidates: bool(plan.candidates, [length, 1]),
    scope: float32(new Float32Array(plan.scope), [length, 1]),
  };
  let from = 0;
  for (let l = 0; l < layers; l++) {
    const to = from + mandatory.rows[l]!.length;
    feeds[`budget.${l}`] = int64(Int32Array.of(plan.budgets[l]!));
    feeds[`from.${l}`] = int64(Int32Array.of(from));
    feeds[`to.${l}`] = int64(Int32Array.of(to));
    from = to;
  }
  if (family.guardEmpty) feeds.filled = column(mandatory.filled.map(Number));
  if (family.valueRows === 'listed') {
    if (plan.valueRows === undefined) throw new Error('the plan lists no value rows');
    feeds['value_rows.first'] = positions(plan.valueRows.first);
    feeds.value_rows = positions(plan.valueRows.others);
  }
  if (family.storeRaw) {
    feeds.reference_known = floatScalar(plan.referenceKnown === false ? 0 : 1);
    feeds.store_raw = column(Array.from(plan.storeRaw ?? new Uint8Array(layers)));
  }
  return feeds;
}

function column(values: readonly number[]) {
  return float32(Float32Array.from(values), [values.length, 1]);
}

/** How many rows each layer of a pass lists. */
export function listedCounts({ rows }: MandatoryRows, { budgets }: AdaptivePlan): number[] {
  return rows.map((mandatory, l) => mandatory.length + budgets[l]!);
}
