import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { RowChooser } from './choose-rows.js';
import { squaredDistance, unitRows } from './distance.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { layerRowsName, newRowsName, type StreamPrefix, stateName } from './names.js';
import type { RowFamily } from './spec.js';

export type AdaptiveFamily = Extract<RowFamily, { kind: 'adaptive' }>;

/**
 * One stream in which every layer chooses its rows: the mandatory ones and the `k` candidates whose feature
 * moved most since the pass before. Chosen rows get K, V, attention output A and FFN output F anew; the others
 * keep theirs, and `h + A + F` of all rows goes on to the next layer.
 *
 * Inputs: `ids` int32 `[length]`, the plan (`mandatory`, `candidates`, `scope`, `budgets`, ...) and per layer
 * the state K, V, A, F and, if it is not V, the feature x (as unit vectors).
 *
 * @returns final hidden rows `[length, dModel]` and the squared distances of each layer, `[length]`.
 */
export function adaptiveStream(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  family: AdaptiveFamily,
  prefix: StreamPrefix,
): { hidden: Value; distances: Value[] } {
  const chooser = new RowChooser(g, model.layers, family.guardEmpty);
  const widths = { k: kvWidth(model), v: kvWidth(model), a: model.dModel, f: model.dModel, x: model.dModel };
  const distances: Value[] = [];
  let h = layers.embed(g.input(`${prefix}ids`, DataType.int32, ['length']));
  for (let l = 0; l < model.layers; l++) {
    const state = (kind: keyof typeof widths) =>
      g.input(stateName(prefix, kind, l), DataType.float, ['length', widths[kind]]);
    const output = (kind: keyof typeof widths, rows: Value) =>
      g.output(newRowsName(prefix, kind, l), rows, DataType.float, [
        `${prefix}${kind}_rows.${l}`,
        widths[kind],
      ]);

    const u = layers.norm(h, 'attnNorm', l);
    const listed = family.valueRows === 'listed' ? listedValues(g, layers, u, state('v'), l) : undefined;
    const feature =
      family.feature === 'layer-input' ? inputFeature(g, model, family, l, h, u, state('x')) : undefined;
    const distance =
      feature?.distance ??
      (family.feature === 'value' ? valueDistance(g, listed!, state('v')) : noDistance(g));
    distances.push(distance);

    const chosen = chooser.choose(distance, l);
    g.output(layerRowsName(prefix, l), chosen.rows, DataType.int64, [`${prefix}chosen.${l}`, 1]);
    const put = (kind: keyof typeof widths, computed: Value): Value => {
      const fresh = chosen.trim(computed);
      output(kind, fresh);
      return g.op('ScatterND', [state(kind), chosen.rows, fresh]);
    };

    const uRows = g.op('GatherND', [u, chosen.computed]);
    if (feature !== undefined) {
      output('x', feature.next ?? unitRows(g, chosen.trim(uRows)));
    }
    const q = layers.rope(layers.project(uRows, 'q', l), chosen.positions, 'q');
    const keys = put('k', layers.rows(layers.rope(layers.project(uRows, 'k', l), chosen.positions, 'k')));
    const values = listed?.all ?? put('v', layers.project(uRows, 'v', l));
    if (listed !== undefined) output('v', listed.fresh);
    h = g.op('Add', [h, put('a', layers.attention(q, keys, values, l))]);
    const w = layers.norm(g.op('GatherND', [h, chosen.computed]), 'ffNorm', l);
    h = g.op('Add', [h, put('f', layers.ffn(w, l))]);
  }
  return { hidden: h, distances };
}

interface ListedValues {
  readonly rows: Value;
  /** V of the listed rows, `[listed, kvWidth]`. */
  readonly fresh: Value;
  /** V of all rows, the listed ones fresh. */
  readonly all: Value;
}

/** V recomputed for the rows that the host lists (V-verify); layer 0 has a list of its own. */
function listedValues(g: GraphBuilder, layers: Layers, u: Value, cached: Value, l: number): ListedValues {
  const name = l === 0 ? 'value_rows.first' : 'value_rows';
  const rows = g.input(name, DataType.int64, [name, 1]);
  const fresh = layers.project(g.op('GatherND', [u, rows]), 'v', l);
  return { rows, fresh, all: g.op('ScatterND', [cached, rows, fresh]) };
}

/** Squared distance `[length]` of the listed rows' V to the cached V; 0 elsewhere. */
function valueDistance(g: GraphBuilder, listed: ListedValues, cached: Value): Value {
  const before = g.op('GatherND', [cached, listed.rows]);
  const moved = squaredDistance(g, unitRows(g, listed.fresh), unitRows(g, before));
  return g.op('ScatterND', [noDistance(g), listed.rows, moved]);
}

/** `[length]` zeros. */
function noDistance(g: GraphBuilder): Value {
  return g.op('ConstantOfShape', [g.op('Shape', [g.input('candidates', DataType.bool, ['length'])])]);
}

/**
 * Squared distance `[length]` of the layer inputs to those of the pass before (paper, eq. 4), and the feature
 * to store for the next pass where that is the same for all rows.
 */
function inputFeature(
  g: GraphBuilder,
  model: GraphModel,
  family: AdaptiveFamily,
  l: number,
  h: Value,
  u: Value,
  stored: Value,
): { distance: Value; next: Value | undefined } {
  const unit = unitRows(g, u);
  const distance = squaredDistance(g, unit, stored);
  if (!family.storeRaw) return { distance, next: family.featureUpdate === 'all' ? unit : undefined };
  const flags = g.input('store_raw', DataType.bool, [model.layers]);
  const flag = g.op('Slice', [flags, g.ints([l]), g.ints([l + 1])]);
  const known = g.input('reference_known', DataType.float, []);
  return { distance: g.op('Mul', [distance, known]), next: g.op('Where', [flag, unitRows(g, h), unit]) };
}
