import { newRowsName, probeName, stateName } from '../graph/names.js';
import { graphSavings, type ProbeKind, readsCaches, type StepGraphSpec } from '../graph/spec.js';
import type { Active } from './active-rows.js';
import { addChangedRows, firstLayerOutputs, writeFirstLayer } from './first-layer-io.js';
import type { Feeds } from './ort-session.js';
import { localIndices } from './rows-index.js';
import { type HostState, streamsOf } from './state.js';
import { floatData, type Outputs, type RowChoice, tokensOf } from './step-io.js';
import { int32, int64, positions } from './tensors.js';
import type { StepRequest, StepResult, UniformPlan } from './types.js';

/** Inputs and outputs of the graph with the same rows in every layer. */
export class UniformIo {
  readonly #layers: number;

  constructor(layers: number) {
    this.#layers = layers;
  }

  prepare(
    spec: StepGraphSpec,
    request: StepRequest,
    plan: UniformPlan,
    active: Active | undefined,
    headRows: Int32Array,
    feeds: Feeds,
    fetches: string[],
  ): void {
    if (readsCaches(spec.rows)) feeds.rows = positions(plan.rows);
    if (active !== undefined) addChangedRows(active, feeds);
    feeds.positions = int64(plan.rows, [1, plan.rows.length]);
    feeds.head_rows = int32(localIndices(plan.rows, headRows));
    // K and V come out once, whoever wants them.
    const probed = new Set(spec.probe.flatMap((kind) => this.#names(kind)));
    for (const prefix of streamsOf(spec)) {
      const tokens = tokensOf(request, prefix);
      feeds[`${prefix}ids`] = int32(plan.rows.map((row) => tokens[row]!));
      if (active !== undefined) fetches.push(...firstLayerOutputs(prefix));
      if (plan.store === 'none') continue;
      for (let l = 0; l < this.#layers; l++) {
        const fresh = [newRowsName(prefix, 'k', l), newRowsName(prefix, 'v', l)];
        fetches.push(...fresh.filter((name) => !probed.has(name)));
      }
    }
    fetches.push(...probed);
  }

  #names(kind: ProbeKind): string[] {
    return Array.from({ length: this.#layers }, (_, layer) => probeName(kind, layer));
  }

  #probe({ probe }: StepGraphSpec, plan: UniformPlan, out: Outputs): Pick<StepResult, 'probe'> {
    if (probe.length === 0) return {};
    const read = (kind: ProbeKind) =>
      this.#names(kind).map((name) => {
        const data = floatData(out, name);
        // The caches take fresh K and V over and free them.
        const lent = plan.store !== 'none' && (kind === 'key' || kind === 'value');
        return lent ? data.slice() : data;
      });
    return { probe: Object.fromEntries(probe.map((kind) => [kind, read(kind)])) };
  }

  /** @param active With a layer 0 that keeps rows. @param lastRows How many rows came out of the last layer. */
  finish(
    spec: StepGraphSpec,
    plan: UniformPlan,
    active: Active | undefined,
    lastRows: number,
    out: Outputs,
    state: HostState,
  ): RowChoice {
    const saved = graphSavings(spec).includes('last-layer');
    const leftOut = {
      ...(saved ? { lastLayerRows: lastRows } : {}),
      ...(active === undefined ? {} : { keptRows: plan.rows.length - active.changedRows.length }),
    };
    if (active !== undefined)
      for (const prefix of streamsOf(spec)) writeFirstLayer(prefix, active, out, state);
    const choice = { ...this.#probe(spec, plan, out), leftOut };
    if (plan.store === 'none') return choice;
    const stored = plan.store === 'all' ? plan.rows : plan.store;
    const sources = localIndices(plan.rows, stored);
    for (const prefix of streamsOf(spec)) {
      for (let l = 0; l < this.#layers; l++) {
        for (const kind of ['k', 'v'] as const) {
          state.writeRows(
            stateName(prefix, kind, l),
            stored,
            floatData(out, newRowsName(prefix, kind, l)),
            sources,
          );
        }
      }
    }
    return choice;
  }
}
