import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { RowChooser } from './choose-rows.js';
import { squaredDistance, unitRows } from './distance.js';
import { changedRows, inputFeature, listedValues, noDistance, valueDistance } from './features.js';
import { type FirstProjections, firstProjections } from './first-layer.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { layerRowsName, newRowsName, type StreamPrefix, stateName } from './names.js';
import type { RowFamily } from './spec.js';

export type AdaptiveFamily = Extract<RowFamily, { kind: 'adaptive' }>;

export interface AdaptiveOptions {
  /** Whether only rows whose input can have changed are compared. */
  readonly tracksChanges: boolean;
  /** Whether layer 0, which computes all rows, keeps q, K and V of those whose token stayed, see `firstProjections`. */
  readonly keepsFirst: boolean;
}

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
  { tracksChanges, keepsFirst }: AdaptiveOptions,
): { hidden: Value; distances: Value[] } {
  const chooser = new RowChooser(g, model.layers, family.guardEmpty);
  const widths = { k: kvWidth(model), v: kvWidth(model), a: model.dModel, f: model.dModel, x: model.dModel };
  const distances: Value[] = [];
  let h = layers.embed(g.input(`${prefix}ids`, DataType.int32, ['active']));
  let changed = tracksChanges ? g.input('changed', DataType.bool, ['active']) : undefined;
  const changedOf = () => (changed === undefined ? undefined : changedRows(g, changed));
  if (keepsFirst) {
    const first = completeFirstLayer(g, layers, model, family, prefix, h, chooser.first);
    distances.push(first.distance);
    h = first.hidden;
  }
  for (let l = keepsFirst ? 1 : 0; l < model.layers; l++) {
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
        ? g.part('selection', () => inputFeature(g, layers, model, family, l, h, state('x'), changedOf()))
        : undefined;
    const distance =
      feature?.distance ??
      (family.feature === 'value' ? valueDistance(g, listed!, state('v')) : noDistance(g));
    distances.push(distance);

    const chosen = chooser.choose(distance, l);
    const before = changed;
    if (before !== undefined) changed = g.part('selection', () => g.op('Or', [before, chosen.mask]));
    g.output(layerRowsName(prefix, l), chosen.rows, DataType.int64, [`${prefix}chosen.${l}`, 1]);
    /** The fresh rows of a state, which become an output of the graph. */
    const fresh = (kind: keyof typeof widths, computed: Value): Value => {
      const rows = chosen.trim(computed);
      output(kind, rows);
      return rows;
    };
    const cached = (kind: 'k' | 'v', computed: Value): Value =>
      g.part('state', () => g.op('ScatterND', [state(kind), chosen.absolute, fresh(kind, computed)]));

    const hRows = g.part('state', () => g.op('GatherND', [h, chosen.computed]));
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
    h = g.part('state', () => {
      const kept = g.op('Add', [g.op('Add', [h, state('a')]), state('f')]);
      return g.op('ScatterND', [kept, chosen.rows, chosen.trim(g.op('Add', [attended.sum, f]))]);
    });
  }
  return { hidden: h, distances };
}

/**
 * Layer 0 where it computes all rows: no row is chosen, attention and FFN outputs need no cache, and q, K and V are made
 * anew for rows whose token changed.
 */
function completeFirstLayer(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  family: AdaptiveFamily,
  prefix: StreamPrefix,
  h: Value,
  first: Value,
): { hidden: Value; distance: Value } {
  const { q, keys, values, ...fresh } = firstProjections(g, layers, model, prefix, h, first);
  const attended = layers.addNorm(h, layers.attention(q, keys, values, 0), 'ffNorm', 0);
  const hidden = g.op('Add', [attended.sum, layers.ffn(attended.normed, 0)]);
  if (family.feature === 'value') return { hidden, distance: firstValueDistance(g, fresh) };
  if (family.feature === 'none') return { hidden, distance: noDistance(g) };
  const name = stateName(prefix, 'x', 0);
  const stored = g.input(name, DataType.float, ['active', model.dModel]);
  const { distance, next } = g.part('selection', () =>
    inputFeature(g, layers, model, family, 0, h, stored, undefined),
  );
  if (next === undefined) throw new Error('a complete first layer stores the feature of all rows');
  g.output(newRowsName(prefix, 'x', 0), next, DataType.float, [`${prefix}x_rows.0`, model.dModel]);
  return { hidden, distance };
}

/** Squared distance `[active]` of V to the pass before; 0 where it was kept. */
function firstValueDistance(
  g: GraphBuilder,
  { rows, freshValues, cachedValues }: Pick<FirstProjections, 'rows' | 'freshValues' | 'cachedValues'>,
): Value {
  return g.part('selection', () => {
    const moved = squaredDistance(g, unitRows(g, freshValues), unitRows(g, cachedValues));
    return g.op('ScatterND', [noDistance(g), rows, moved]);
  });
}
