import { layerRowsName, newRowsName, stateName } from '../graph/names.js';
import type { StepGraphSpec } from '../graph/spec.js';
import type { Feeds } from './ort-session.js';
import { type HostState, streamsOf } from './state.js';
import { floatData, type Outputs, type RowChoice, type StepIo, tokensOf } from './step-io.js';
import { bool, float32, floatScalar, int32, int64, lowWords, positions } from './tensors.js';
import type { AdaptivePlan, StepRequest } from './types.js';

/** Inputs and outputs of the graph in which every layer chooses its rows. */
export class AdaptiveIo implements StepIo<AdaptivePlan> {
  readonly #layers: number;

  constructor(layers: number) {
    this.#layers = layers;
  }

  prepare(
    spec: StepGraphSpec,
    request: StepRequest,
    plan: AdaptivePlan,
    headRows: Int32Array,
    feeds: Feeds,
    fetches: string[],
  ): void {
    const family = adaptiveFamily(spec);
    const length = request.tokens.length;
    feeds.head_rows = int32(headRows);
    feeds.mandatory = bool(plan.mandatory, [this.#layers * length]);
    feeds.candidates = bool(plan.candidates, [length]);
    feeds.scope = float32(new Float32Array(plan.scope), [length]);
    feeds.budgets = int64(plan.budgets);
    if (family.valueRows === 'listed') {
      const { first, others } = listedRows(plan);
      feeds['value_rows.first'] = positions(first);
      feeds.value_rows = positions(others);
    }
    if (family.storeRaw) {
      feeds.reference_known = floatScalar(plan.referenceKnown === false ? 0 : 1);
      feeds.store_raw = bool(plan.storeRaw ?? new Uint8Array(this.#layers), [this.#layers]);
    }
    fetches.push('means');
    if (spec.distances) fetches.push('distances');
    for (const prefix of streamsOf(spec)) {
      feeds[`${prefix}ids`] = int32(tokensOf(request, prefix));
      for (let l = 0; l < this.#layers; l++) {
        fetches.push(layerRowsName(prefix, l));
        for (const kind of ['k', 'v', 'a', 'f'] as const) fetches.push(newRowsName(prefix, kind, l));
        if (family.feature === 'layer-input') fetches.push(newRowsName(prefix, 'x', l));
      }
    }
  }

  finish(spec: StepGraphSpec, plan: AdaptivePlan, out: Outputs, state: HostState): RowChoice {
    const family = adaptiveFamily(spec);
    const chosen = streamsOf(spec).map((prefix) => {
      return Array.from({ length: this.#layers }, (_, l) => chosenRows(out, layerRowsName(prefix, l)));
    });
    for (const [stream, prefix] of streamsOf(spec).entries()) {
      for (let l = 0; l < this.#layers; l++) {
        const rows = chosen[stream]![l]!;
        const put = (kind: 'k' | 'v' | 'a' | 'f' | 'x', at: Int32Array) =>
          state.writeRows(stateName(prefix, kind, l), at, floatData(out, newRowsName(prefix, kind, l)));
        for (const kind of ['k', 'a', 'f'] as const) put(kind, rows);
        if (family.valueRows === 'selected') put('v', rows);
        else put('v', l === 0 ? listedRows(plan).first : listedRows(plan).others);
        if (family.feature !== 'layer-input') continue;
        if (family.featureUpdate === 'selected') put('x', rows);
        else state.replace(stateName(prefix, 'x', l), floatData(out, newRowsName(prefix, 'x', l)));
      }
    }
    const [layerRows, unconditionalLayerRows] = chosen;
    return {
      layerRows: layerRows!,
      ...(unconditionalLayerRows === undefined ? {} : { unconditionalLayerRows }),
      layerMeans: Float64Array.from(out.means!.data as unknown as Float64Array),
      ...(spec.distances ? { distances: floatData(out, 'distances') } : {}),
    };
  }
}

function adaptiveFamily(spec: StepGraphSpec) {
  if (spec.rows.kind !== 'adaptive') throw new Error('an adaptive plan needs an adaptive graph');
  return spec.rows;
}

function listedRows(plan: AdaptivePlan): { first: Int32Array; others: Int32Array } {
  if (plan.valueRows === undefined) throw new Error('the plan lists no value rows');
  return plan.valueRows;
}

function chosenRows(out: Outputs, name: string): Int32Array {
  return lowWords(out[name]!.data as BigInt64Array);
}

/** Whether some layer has neither a mandatory row nor a budget, so that it may compute nothing. */
export function mayBeEmpty(plan: AdaptivePlan): boolean {
  const length = plan.candidates.length;
  return plan.budgets.some((budget, l) => {
    return budget === 0 && !plan.mandatory.subarray(l * length, (l + 1) * length).includes(1);
  });
}
