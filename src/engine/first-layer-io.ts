import { newRowsName, queryState, type StreamPrefix, stateName } from '../graph/names.js';
import { graphSavings, type StepGraphSpec } from '../graph/spec.js';
import type { Active } from './active-rows.js';
import type { Feeds } from './ort-session.js';
import type { HostState } from './state.js';
import { floatData, type Outputs } from './step-io.js';
import { int64, positions } from './tensors.js';

/** Inputs and outputs of a layer 0 that keeps q, K and V of rows whose token stayed (`graph/first-layer.ts`). */

const kinds = [queryState, 'k', 'v'] as const;

export function keepsFirstLayer(spec: StepGraphSpec): boolean {
  return graphSavings(spec).includes('first-layer');
}

/** Adds the rows whose token changed to the inputs. */
export function addChangedRows({ first, changedRows }: Active, feeds: Feeds): void {
  feeds.changed_rows = positions(changedRows.map((row) => row - first));
  feeds.changed_positions = int64(changedRows, [1, changedRows.length]);
}

export function firstLayerOutputs(prefix: StreamPrefix): string[] {
  return kinds.map((kind) => newRowsName(prefix, kind, 0));
}

/** Puts the fresh rows of layer 0 into the state. */
export function writeFirstLayer(
  prefix: StreamPrefix,
  { changedRows }: Active,
  out: Outputs,
  state: HostState,
): void {
  for (const kind of kinds) {
    state.writeRows(stateName(prefix, kind, 0), changedRows, floatData(out, newRowsName(prefix, kind, 0)));
  }
}
