import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { RowChooser } from './choose-rows.js';
import { changedRows, inputFeature, listedValues, noDistance, valueDistance } from './features.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { layerRowsName, newRowsName, type StreamPrefix, stateName } from './names.js';
import type { RowFamily } from './spec.js';

export type AdaptiveFamily = Extract<RowFamily, { kind: 'adaptive' }>;

/**
 * One stream in which every layer chooses its rows: the mandatory ones and the `k` candidates whose feature
 * moved most since the pass before. Chosen rows get K, V, attention output A and FFN output F anew; the others
 * keep theirs, and `h + A + F` of all rows goes on to the next layer.
 *
 * The stream holds the *active* rows: all, or those from `first` on, where no one reads what the rows before would
 * compute (their K and V are in the cache). Rows are counted from `first`; only the caches of K and V and the
 * rotation know absolute positions.
 *
 * Inputs: `ids` int32 `[active]`, `first` int64 `[1]`, the plan (`mandatory`, `candidates`, `scope`, `budgets`, ...)
 * and per layer the state K, V `[length, kvWidth]`, and of the active rows A, F and, if it is not V, the feature x
 * (as unit vectors). With `tracksChanges` also `changed` bool `[active]`, the rows whose token is another than in the
 * pass before (at least one; in the first pass all).
 *
 * @returns final hidden rows `[active, dModel]` and the squared distances of each layer, `[active]`.
 */
export function adaptiveStream(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  family: AdaptiveFamily,
  prefix: StreamPrefix,
  tracksChanges: boolean,
): { hidden: Value; distances: Value[] } {
  const chooser = new RowChooser(g, model.layers, family.guardEmpty);
  const widths = { k: kvWidth(model), v: kvWidth(model), a: model.dModel, f: model.dModel, x: model.dModel };
  const distances: Value[] = [];
  let h = layers.embed(g.input(`${prefix}ids`, DataType.int32, ['active']));
  let changed = tracksChanges ? g.input('changed', DataType.bool, ['active']) : undefined;
  const changedOf = () => (changed === undefined ? undefined : changedRows(g, changed));
  for (let l = 0; l < model.layers; l++) {
    const state = (kind: keyof typeof widths) =>
      g.input(stateName(prefix, kind, l), DataType.float, [
        kind === 'k' || kind === 'v' ? 'length' : 'active',
        widths[kind],
      ]);
    const output = (kind: keyof typeof widths, rows: Value) =>
      g.output(newRowsName(prefix, kind, l), rows, DataType.float, [
        `${prefix}${kind}_rows.${l}`,
        widths[kind],
      ]);

    const listed =
      family.valueRows === 'listed' ? listedValues(g, layers, h, state('v'), chooser.first, l) : undefined;
    const feature =
      family.feature === 'layer-input'
        ? inputFeature(g, layers, model, family, l, h, state('x'), changedOf())
        : undefined;
    const distance =
      feature?.distance ??
      (family.feature === 'value' ? valueDistance(g, listed!, state('v')) : noDistance(g));
    distances.push(distance);

    const chosen = chooser.choose(distance, l);
    if (changed !== undefined) changed = g.op('Or', [changed, chosen.mask]);
    g.output(layerRowsName(prefix, l), chosen.rows, DataType.int64, [`${prefix}chosen.${l}`, 1]);
    /** The fresh rows of a state, which become an output of the graph. */
    const fresh = (kind: keyof typeof widths, computed: Value): Value => {
      const rows = chosen.trim(computed);
      output(kind, rows);
      return rows;
    };
    const cached = (kind: 'k' | 'v', computed: Value): Value =>
      g.op('ScatterND', [state(kind), chosen.absolute, fresh(kind, computed)]);

    const hRows = g.op('GatherND', [h, chosen.computed]);
    const uRows = layers.norm(hRows, 'attnNorm', l);
    if (feature !== undefined) output('x', feature.next ?? chosen.trim(feature.unit(uRows)));
    const q = layers.rope(layers.project(uRows, 'q', l), chosen.positions, 'q');
    const keys = cached('k', layers.rows(layers.rope(layers.project(uRows, 'k', l), chosen.positions, 'k')));
    const values = listed?.all ?? cached('v', layers.project(uRows, 'v', l));
    if (listed !== undefined) output('v', listed.fresh);
    const a = layers.attention(q, keys, values, l);
    fresh('a', a);
    const attended = layers.addNorm(hRows, a, 'ffNorm', l);
    const f = layers.ffn(attended.normed, l);
    fresh('f', f);
    // The sum is made for this layer alone, so that its rows can be replaced in place.
    const kept = g.op('Add', [g.op('Add', [h, state('a')]), state('f')]);
    h = g.op('ScatterND', [kept, chosen.rows, chosen.trim(g.op('Add', [attended.sum, f]))]);
  }
  return { hidden: h, distances };
}
