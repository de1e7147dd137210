import { DataType } from '../formats/onnx/model.js';
import type { AdaptiveFamily } from './adaptive.js';
import type { GraphBuilder, Value } from './builder.js';
import { squaredDistance, unitRows } from './distance.js';
import type { GraphModel, Layers } from './layers.js';

/** V of the rows that the host lists. */
export interface ListedValues {
  /** Among the active rows, int64 `[listed, 1]`. */
  readonly rows: Value;
  /** The same as positions of the sequence. */
  readonly absolute: Value;
  /** V of the listed rows, `[listed, kvWidth]`. */
  readonly fresh: Value;
  /** V of all positions, the listed ones fresh, `[length, kvWidth]`. */
  readonly all: Value;
}

/**
 * V recomputed for the rows that the host lists (V-verify); layer 0 has a list of its own.
 * @param h Layer input of the active rows, `[active, dModel]`.
 */
export function listedValues(
  g: GraphBuilder,
  layers: Layers,
  h: Value,
  cached: Value,
  first: Value,
  l: number,
): ListedValues {
  const name = l === 0 ? 'value_rows.first' : 'value_rows';
  const rows = g.input(name, DataType.int64, [name, 1]);
  const [absolute, listed] = g.part('state', () => [g.op('Add', [rows, first]), g.op('GatherND', [h, rows])]);
  const fresh = layers.project(layers.norm(listed!, 'attnNorm', l), 'v', l);
  const all = g.part('state', () => g.op('ScatterND', [cached, absolute!, fresh]));
  return { rows, absolute: absolute!, fresh, all };
}

/** Squared distance `[active]` of the listed rows' V to the cached V; 0 elsewhere. */
export function valueDistance(g: GraphBuilder, listed: ListedValues, cached: Value): Value {
  return g.part('selection', () => {
    const before = g.op('GatherND', [cached, listed.absolute]);
    const moved = squaredDistance(g, unitRows(g, listed.fresh), unitRows(g, before));
    return g.op('ScatterND', [noDistance(g), listed.rows, moved]);
  });
}

/** `[active]` zeros. */
export function noDistance(g: GraphBuilder): Value {
  return g.part('selection', () =>
    g.op('ConstantOfShape', [g.op('Shape', [g.input('candidates', DataType.bool, ['active'])])]),
  );
}

/** The rows of a mask as int64 `[rows, 1]`. */
export function changedRows(g: GraphBuilder, mask: Value): Value {
  return g.part('selection', () => g.op('Transpose', [g.op('NonZero', [mask])], { perm: [1, 0] }));
}

export interface InputFeature {
  /** `[active]`. */
  readonly distance: Value;
  /**
   * What to store for the next pass: of all active rows, or of the changed ones where changes are tracked. Undefined
   * where only the chosen rows store theirs.
   */
  readonly next: Value | undefined;
  /** The feature of normalised rows. */
  unit(normed: Value): Value;
}

/**
 * Squared distance of the layer inputs to those of the pass before (paper, eq. 4), and the feature to store.
 *
 * @param stored The features of the pass before, `[active, dModel]`.
 * @param changed The rows whose input can have changed, int64 `[rows, 1]`; the distance of the others is 0.
 */
export function inputFeature(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  family: AdaptiveFamily,
  l: number,
  h: Value,
  stored: Value,
  changed: Value | undefined,
): InputFeature {
  const unit = (normed: Value) => g.part('selection', () => unitRows(g, normed));
  if (changed !== undefined) {
    const now = unit(layers.norm(g.op('GatherND', [h, changed]), 'attnNorm', l));
    const moved = squaredDistance(g, now, g.op('GatherND', [stored, changed]));
    return { distance: g.op('ScatterND', [noDistance(g), changed, moved]), next: now, unit };
  }
  const now = unit(layers.norm(h, 'attnNorm', l));
  const distance = squaredDistance(g, now, stored);
  if (!family.storeRaw) return { distance, next: family.featureUpdate === 'all' ? now : undefined, unit };
  const flags = g.input('store_raw', DataType.bool, [model.layers]);
  const flag = g.op('Slice', [flags, g.ints([l]), g.ints([l + 1])]);
  const known = g.input('reference_known', DataType.float, []);
  return {
    distance: g.op('Mul', [distance, known]),
    next: g.op('Where', [flag, unitRows(g, h), now]),
    unit,
  };
}
