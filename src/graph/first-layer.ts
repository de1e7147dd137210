import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { newRowsName, type StreamPrefix, stateName } from './names.js';

/** q, K and V of layer 0. */
export interface FirstProjections {
  /** Rotated, of all active rows, `[1, active, heads * headDim]`. */
  readonly q: Value;
  /** Rotated, of all positions, `[length, kvWidth]`. */
  readonly keys: Value;
  readonly values: Value;
  /** Rows that were made anew, among the active ones, int64 `[changed_rows, 1]`. */
  readonly rows: Value;
  /** Their V, and V as it was. */
  readonly freshValues: Value;
  readonly cachedValues: Value;
}

/**
 * Layer 0 reads the embeddings, so q, K and V of a row change with its token alone: they are made anew for the rows that
 * the host lists, and kept for the others (`methods.md` 7.5).
 *
 * Inputs: `changed_rows` int64 `[changed_rows, 1]` among the active rows (in the first pass all), the same as
 * `changed_positions` `[1, changed_rows]` of the sequence, and the state `q.0`, `k.0`, `v.0`.
 *
 * @param h Embeddings of the active rows, `[active, dModel]`.
 * @param first Position of the first active row, int64 `[1]`; absent where all are active.
 */
export function firstProjections(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  prefix: StreamPrefix,
  h: Value,
  first?: Value,
): FirstProjections {
  const widths = { q: model.heads * model.headDim, k: kvWidth(model), v: kvWidth(model) };
  const rows = g.input('changed_rows', DataType.int64, ['changed_rows', 1]);
  const positions = g.input('changed_positions', DataType.int64, [1, 'changed_rows']);
  const put = (into: Value, at: Value, made: Value) =>
    g.part('state', () => g.op('ScatterND', [into, at, made]));
  const absolute = first === undefined ? rows : g.part('state', () => g.op('Add', [rows, first]));
  const state = (kind: keyof typeof widths) =>
    g.input(stateName(prefix, kind, 0), DataType.float, [
      kind === 'q' && first !== undefined ? 'active' : 'length',
      widths[kind],
    ]);
  const gathered = g.part('state', () => g.op('GatherND', [h, rows]));
  const u = layers.norm(gathered, 'attnNorm', 0);
  const fresh = (kind: keyof typeof widths): Value => {
    const projected = layers.project(u, kind, 0);
    const made = kind === 'v' ? projected : layers.rows(layers.rope(projected, positions, kind));
    g.output(newRowsName(prefix, kind, 0), made, DataType.float, ['changed_rows', widths[kind]]);
    return made;
  };
  const q = put(state('q'), rows, fresh('q'));
  const keys = put(state('k'), absolute, fresh('k'));
  const freshValues = fresh('v');
  return {
    q: g.part('attention', () => g.op('Unsqueeze', [q, g.ints([0])])),
    keys,
    values: put(state('v'), absolute, freshValues),
    rows,
    freshValues,
    cachedValues: g.part('selection', () => g.op('GatherND', [state('v'), absolute])),
  };
}
