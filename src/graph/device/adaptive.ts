import { DataType } from '../../formats/onnx/model.js';
import type { AdaptiveFamily } from '../adaptive.js';
import type { GraphBuilder, Value } from '../builder.js';
import { squaredDistance, unitRows } from '../distance.js';
import { type GraphModel, kvWidth } from '../layers.js';
import { newRowsName, type StateKind, type StreamPrefix, stateName } from '../names.js';
import type { DeviceRowChooser, DeviceRows } from './choose-rows.js';
import type { DeviceLayers } from './layers.js';

/**
 * Which caches the graph writes in place: those whose old rows nothing else reads. The others (what distances
 * compare with) come out as fresh matrices.
 */
export function writtenInPlace(family: AdaptiveFamily, kind: StateKind): boolean {
  if (kind === 'v') return family.feature !== 'value';
  if (kind === 'x') return family.featureUpdate === 'selected';
  return true;
}

/**
 * One stream in which every layer chooses its rows, as `adaptiveStream`, with caches on the device: every cache
 * comes out complete, of the name of fresh rows.
 *
 * @returns final hidden rows `[length, dModel]`, the squared distances of each layer, `[length, 1]`, and the
 * rows of each layer.
 */
export function deviceAdaptiveStream(
  g: GraphBuilder,
  layers: DeviceLayers,
  model: GraphModel,
  family: AdaptiveFamily,
  chooser: DeviceRowChooser,
  prefix: StreamPrefix,
): { hidden: Value; distances: Value[]; listed: Value[] } {
  const widths = { k: kvWidth(model), v: kvWidth(model), a: model.dModel, f: model.dModel, x: model.dModel };
  const distances: Value[] = [];
  const listedRows: Value[] = [];
  let h = layers.embedTokens(prefix, 'length');
  for (let l = 0; l < model.layers; l++) {
    const state = (kind: StateKind) =>
      g.input(stateName(prefix, kind, l), DataType.float, ['length', widths[kind]]);
    const output = (kind: StateKind, next: Value): Value => {
      g.output(newRowsName(prefix, kind, l), next, DataType.float, ['length', widths[kind]]);
      return next;
    };

    const u = layers.norm(h, 'attnNorm', l);
    const listed = family.valueRows === 'listed' ? listedValues(g, layers, u, l) : undefined;
    const feature =
      family.feature === 'layer-input' ? inputFeature(g, model, family, l, h, u, state('x')) : undefined;
    const distance =
      feature?.distance ??
      (family.feature === 'value' ? valueDistance(g, listed!, state('v')) : noDistance(g));
    distances.push(distance);

    const chosen: DeviceRows = chooser.choose(distance, l);
    listedRows.push(chosen.listed);
    const put = (kind: StateKind, computed: Value): Value => {
      const fresh = chosen.keepIfEmpty(state(kind), computed);
      return output(kind, g.op('ScatterND', [state(kind), chosen.rows, fresh]));
    };

    const uRows = g.op('GatherND', [u, chosen.rows]);
    if (feature?.next !== undefined) output('x', feature.next);
    else if (feature !== undefined) put('x', unitRows(g, uRows));
    const q = layers.rope(layers.project(uRows, 'q', l), chosen.rows, 'q');
    const keys = put('k', layers.rope(layers.project(uRows, 'k', l), chosen.rows, 'k'));
    const values =
      listed === undefined
        ? put('v', layers.project(uRows, 'v', l))
        : output('v', g.op('ScatterND', [state('v'), listed.rows, listed.fresh]));
    h = g.op('Add', [h, put('a', layers.attention(q, keys, values, l))]);
    const w = layers.norm(g.op('GatherND', [h, chosen.rows]), 'ffNorm', l);
    h = g.op('Add', [h, put('f', layers.ffn(w, l))]);
  }
  return { hidden: h, distances, listed: listedRows };
}

/** V recomputed for the rows that the host lists (V-verify); layer 0 has a list of its own. */
function listedValues(
  g: GraphBuilder,
  layers: DeviceLayers,
  u: Value,
  l: number,
): { rows: Value; fresh: Value } {
  const name = l === 0 ? 'value_rows.first' : 'value_rows';
  const rows = g.input(name, DataType.int64, [name, 1]);
  return { rows, fresh: layers.project(g.op('GatherND', [u, rows]), 'v', l) };
}

/** `[length, 1]` zeros. */
function noDistance(g: GraphBuilder): Value {
  const scope = g.input('scope', DataType.float, ['length', 1]);
  return g.op('Sub', [scope, scope]);
}

/** Squared distance `[length, 1]` of the listed rows' V to the cached V; 0 elsewhere. */
function valueDistance(g: GraphBuilder, listed: { rows: Value; fresh: Value }, cached: Value): Value {
  const before = g.op('GatherND', [cached, listed.rows]);
  const moved = squaredDistance(g, unitRows(g, listed.fresh), unitRows(g, before), 'keep');
  return g.op('ScatterND', [noDistance(g), listed.rows, moved]);
}

/**
 * Squared distance `[length, 1]` of the layer inputs to those of the pass before (paper, eq. 4), and the feature to
 * store for the next pass where that is the same for all rows.
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
  const distance = squaredDistance(g, unit, stored, 'keep');
  if (!family.storeRaw) return { distance, next: family.featureUpdate === 'all' ? unit : undefined };
  const flags = g.input('store_raw', DataType.float, [model.layers, 1]);
  const flag = g.op('Slice', [flags, g.ints([l]), g.ints([l + 1]), g.ints([0])]);
  const raw = g.op('Greater', [flag, g.scalar(0.5)]);
  const known = g.input('reference_known', DataType.float, []);
  return { distance: g.op('Mul', [distance, known]), next: g.op('Where', [raw, unitRows(g, h), unit]) };
}
