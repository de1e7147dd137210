import { layerRowsName, newRowsName, stateName } from '../graph/names.js';
import { graphSavings, type StepGraphSpec } from '../graph/spec.js';
import type { Active } from './active-rows.js';
import { addChangedRows, firstLayerOutputs, keepsFirstLayer, writeFirstLayer } from './first-layer-io.js';
import type { Feeds } from './ort-session.js';
import { fromFirst, rowRange, rowsWhere } from './rows-index.js';
import { type HostState, streamsOf } from './state.js';
import { floatData, type Outputs, type RowChoice, tokensOf } from './step-io.js';
import { bool, float32, floatScalar, int32, int64, lowWords, positions } from './tensors.js';
import type { AdaptivePlan, RowPlan, StepRequest } from './types.js';

/** Inputs and outputs of the graph in which every layer chooses its rows. Its rows are counted from `active.first`. */
export class AdaptiveIo {
  readonly #layers: number;

  constructor(layers: number) {
    this.#layers = layers;
  }

  prepare(
    spec: StepGraphSpec,
    request: StepRequest,
    plan: AdaptivePlan,
    active: Active,
    headRows: Int32Array,
    feeds: Feeds,
    fetches: string[],
  ): void {
    const family = adaptiveFamily(spec);
    const { first, changed } = active;
    const keepsFirst = keepsFirstLayer(spec);
    const count = request.tokens.length - first;
    feeds.first = int64(Int32Array.of(first));
    feeds.head_rows = int32(fromFirst(headRows, first));
    feeds.mandatory = bool(this.#activeMandatory(plan, first), [this.#layers * count]);
    feeds.candidates = bool(plan.candidates.subarray(first), [count]);
    feeds.scope = float32(Float32Array.from(plan.scope.subarray(first)), [count]);
    feeds.budgets = int64(plan.budgets);
    if (family.valueRows === 'listed') {
      const rows = listedRows(plan, first);
      if (!keepsFirst) feeds['value_rows.first'] = positions(fromFirst(rows.first, first));
      feeds.value_rows = positions(fromFirst(rows.others, first));
    }
    if (family.storeRaw) {
      feeds.reference_known = floatScalar(plan.referenceKnown === false ? 0 : 1);
      feeds.store_raw = bool(plan.storeRaw ?? new Uint8Array(this.#layers), [this.#layers]);
    }
    if (tracksChanges(spec)) feeds.changed = bool(changed.subarray(first), [count]);
    if (keepsFirst) addChangedRows(active, feeds);
    fetches.push('means');
    if (spec.distances) fetches.push('distances');
    for (const prefix of streamsOf(spec)) {
      feeds[`${prefix}ids`] = int32(tokensOf(request, prefix).subarray(first));
      for (let l = 0; l < this.#layers; l++) {
        if (l === 0 && keepsFirst) fetches.push(...firstLayerOutputs(prefix));
        else {
          fetches.push(layerRowsName(prefix, l));
          for (const kind of ['k', 'v', 'a', 'f'] as const) fetches.push(newRowsName(prefix, kind, l));
        }
        if (family.feature === 'layer-input') fetches.push(newRowsName(prefix, 'x', l));
      }
    }
  }

  #activeMandatory({ mandatory, candidates: { length } }: AdaptivePlan, first: number): Uint8Array {
    if (first === 0) return mandatory;
    const active = new Uint8Array(this.#layers * (length - first));
    for (let l = 0; l < this.#layers; l++) {
      active.set(mandatory.subarray(l * length + first, (l + 1) * length), l * (length - first));
    }
    return active;
  }

  finish(spec: StepGraphSpec, plan: AdaptivePlan, active: Active, out: Outputs, state: HostState): RowChoice {
    const family = adaptiveFamily(spec);
    const { first, changed } = active;
    const keepsFirst = keepsFirstLayer(spec);
    const all = rowRange(first, changed.length);
    const listed = family.valueRows === 'listed' ? listedRows(plan, first) : undefined;
    const computed = streamsOf(spec).map((prefix) => {
      return Array.from({ length: this.#layers }, (_, l) =>
        l === 0 && keepsFirst ? all : chosenRows(out, layerRowsName(prefix, l), first),
      );
    });
    for (const [stream, prefix] of streamsOf(spec).entries()) {
      // A layer's input differs where the token does, or where a layer before computed the row.
      const moved = changed.slice();
      for (let l = 0; l < this.#layers; l++) {
        const rows = computed[stream]![l]!;
        const put = (kind: 'k' | 'v' | 'a' | 'f' | 'x', at: Int32Array) =>
          state.writeRows(stateName(prefix, kind, l), at, floatData(out, newRowsName(prefix, kind, l)));
        if (l === 0 && keepsFirst) writeFirstLayer(prefix, active, out, state);
        else {
          for (const kind of ['k', 'a', 'f'] as const) put(kind, rows);
          put('v', listed === undefined ? rows : l === 0 ? listed.first : listed.others);
        }
        if (family.feature !== 'layer-input') continue;
        if (family.featureUpdate === 'selected') put('x', rows);
        else if (tracksChanges(spec)) put('x', rowsWhere(moved, 1, first));
        else put('x', all);
        for (const row of rows) moved[row] = 1;
      }
    }
    const leftOut = {
      ...(first === 0 ? {} : { before: first }),
      ...(keepsFirst ? { keptRows: all.length - active.changedRows.length } : {}),
    };
    const [layerRows, unconditionalLayerRows] = computed.map((layers) => withLeftOut(layers, plan, first));
    return {
      layerRows: layerRows!,
      leftOut,
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

function tracksChanges(spec: StepGraphSpec): boolean {
  return graphSavings(spec).includes('unchanged-rows');
}

/** The listed rows that are active. */
function listedRows({ valueRows }: AdaptivePlan, from: number): { first: Int32Array; others: Int32Array } {
  if (valueRows === undefined) throw new Error('the plan lists no value rows');
  const active = (rows: Int32Array) => (from === 0 ? rows : rows.filter((row) => row >= from));
  return { first: active(valueRows.first), others: active(valueRows.others) };
}

function chosenRows(out: Outputs, name: string, first: number): Int32Array {
  const rows = lowWords(out[name]!.data as BigInt64Array);
  if (first > 0) for (let i = 0; i < rows.length; i++) rows[i]! += first;
  return rows;
}

/** The rows of each layer as the method has them: mandatory rows that were left out are among them. */
function withLeftOut(
  layers: Int32Array[],
  { mandatory, candidates: { length } }: AdaptivePlan,
  first: number,
): Int32Array[] {
  if (first === 0) return layers;
  return layers.map((rows, l) => {
    const leftOut = rowsWhere(mandatory.subarray(l * length, l * length + first), 1);
    return leftOut.length === 0 ? rows : Int32Array.of(...leftOut, ...rows);
  });
}

/** Whether some layer has neither a mandatory row nor a budget, so that it may compute nothing. */
function mayBeEmpty(plan: AdaptivePlan): boolean {
  const length = plan.candidates.length;
  return plan.budgets.some((budget, l) => {
    return budget === 0 && !plan.mandatory.subarray(l * length, (l + 1) * length).includes(1);
  });
}

/** The graph of one pass: a plan with a layer that may compute nothing takes a variant of the sample's. */
export function passSpec(spec: StepGraphSpec, plan: RowPlan): StepGraphSpec {
  const guarded = plan.kind === 'adaptive' && spec.rows.kind === 'adaptive' && mayBeEmpty(plan);
  return guarded ? { ...spec, rows: { ...spec.rows, guardEmpty: true } } : spec;
}
