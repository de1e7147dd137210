import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { layerRowsName, newRowsName, type StreamPrefix, stateName } from './names.js';
import type { RowFamily } from './spec.js';

export type AdaptiveFamily = Extract<RowFamily, { kind: 'adaptive' }>;

/** Width of the stored feature rows; 0 where the feature is the V cache itself. */
export function featureWidth(model: GraphModel, family: AdaptiveFamily): number {
  return family.feature === 'layer-input' ? model.dModel : 0;
}

/**
 * One stream in which every layer chooses its rows: the mandatory ones and the `k` candidates whose feature
 * moved most since the pass before. Chosen rows get K, V, attention output A and FFN output F anew; the others
 * keep theirs, and `h + A + F` of all rows goes on to the next layer.
 *
 * Inputs: `ids` int32 `[length]`, the plan (`mandatory`, `candidates`, `scope`, `budgets`, ...) and per layer
 * the state K, V, A, F and, if it is not V, the feature x (as unit vectors).
 *
 * @returns final hidden rows `[length, dModel]` and the mean distances per layer `[layers]`.
 */
export function adaptiveStream(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  family: AdaptiveFamily,
  prefix: StreamPrefix,
): { hidden: Value; means: Value } {
  const width = kvWidth(model);
  const state = (kind: 'k' | 'v' | 'a' | 'f', l: number) =>
    g.input(stateName(prefix, kind, l), DataType.float, [
      'length',
      kind === 'k' || kind === 'v' ? width : model.dModel,
    ]);

  let h = layers.embed(g.input(`${prefix}ids`, DataType.int32, ['length']));
  const means: Value[] = [];
  for (let l = 0; l < model.layers; l++) {
    const u = layers.norm(h, 'attnNorm', l);
    const listed = family.valueRows === 'listed' ? listedValues(g, layers, u, state('v', l), l) : undefined;
    const distance =
      family.feature === 'value'
        ? valueDistance(g, listed!, state('v', l))
        : inputDistance(g, model, family, prefix, l, h, u);
    means.push(scopeMean(g, distance));

    const chosen = chooseRows(g, distance, l);
    g.output(layerRowsName(prefix, l), chosen.rows, DataType.int64, [`rows.${l}`, 1]);
    const put = (kind: 'k' | 'v' | 'a' | 'f', padded: Value): Value => {
      const fresh = g.op('Slice', [padded, g.ints([0]), chosen.count, g.ints([0])]);
      g.output(newRowsName(prefix, kind, l), fresh, DataType.float, [`rows.${l}`, 'width']);
      return g.op('ScatterND', [state(kind, l), chosen.rows, fresh]);
    };

    const uRows = g.op('GatherND', [u, chosen.padded]);
    if (family.feature === 'layer-input' && family.featureUpdate === 'selected') {
      const fresh = g.op('Slice', [uRows, g.ints([0]), chosen.count, g.ints([0])]);
      g.output(newRowsName(prefix, 'x', l), unitRows(g, fresh), DataType.float, [`rows.${l}`, model.dModel]);
    }
    const q = layers.rope(layers.linear(uRows, 'q', l), chosen.padded);
    const keys = put('k', layers.rope(layers.linear(uRows, 'k', l), chosen.padded));
    let values: Value;
    if (listed === undefined) {
      values = put('v', layers.linear(uRows, 'v', l));
    } else {
      g.output(newRowsName(prefix, 'v', l), listed.fresh, DataType.float, ['value_rows', width]);
      values = listed.all;
    }
    h = g.op('Add', [h, put('a', layers.attention(q, keys, values, l))]);
    const w = layers.norm(g.op('GatherND', [h, chosen.padded]), 'ffNorm', l);
    h = g.op('Add', [h, put('f', layers.ffn(w, l))]);
  }
  return { hidden: h, means: g.op('Concat', means, { axis: 0 }) };
}

interface ListedValues {
  readonly rows: Value;
  /** V of the listed rows, `[value_rows, kvWidth]`. */
  readonly fresh: Value;
  /** V of all rows, the listed ones fresh. */
  readonly all: Value;
}

/** V recomputed for the rows that the host lists (V-verify); layer 0 has a list of its own. */
function listedValues(g: GraphBuilder, layers: Layers, u: Value, cached: Value, l: number): ListedValues {
  const name = l === 0 ? 'value_rows.first' : 'value_rows';
  const rows = g.input(name, DataType.int64, [name, 1]);
  const fresh = layers.linear(g.op('GatherND', [u, rows]), 'v', l);
  return { rows, fresh, all: g.op('ScatterND', [cached, rows, fresh]) };
}

/** `x / |x|` per row; a zero row stays zero. */
function unitRows(g: GraphBuilder, x: Value): Value {
  const length = g.op('Max', [g.op('ReduceL2', [x, g.ints([1])], { keepdims: 1 }), g.scalar(1e-20)]);
  return g.op('Div', [x, length]);
}

/**
 * `1 - cos(a, b)` per row as `|a/|a| - b/|b||^2 / 2`: no cancellation near 0, and exactly 0 for equal rows, so
 * that ties fall to the lower position as in the reference.
 */
function halfSquaredDistance(g: GraphBuilder, unitA: Value, unitB: Value): Value {
  const difference = g.op('Sub', [unitA, unitB]);
  return g.op('Mul', [g.op('ReduceSumSquare', [difference, g.ints([1])], { keepdims: 0 }), g.scalar(0.5)]);
}

/** Distance `[length]` of the layer inputs to those of the pass before (paper, eq. 4). */
function inputDistance(
  g: GraphBuilder,
  model: GraphModel,
  family: AdaptiveFamily,
  prefix: StreamPrefix,
  l: number,
  h: Value,
  u: Value,
): Value {
  const stored = g.input(stateName(prefix, 'x', l), DataType.float, ['length', model.dModel]);
  const unit = unitRows(g, u);
  if (family.featureUpdate === 'all') {
    let next = unit;
    if (family.storeRaw) {
      const flag = layerSlice(g, g.input('store_raw', DataType.bool, [model.layers]), l);
      next = g.op('Where', [flag, unitRows(g, h), unit]);
    }
    g.output(newRowsName(prefix, 'x', l), next, DataType.float, ['length', model.dModel]);
  }
  const distance = halfSquaredDistance(g, unit, stored);
  if (!family.storeRaw) return distance;
  return g.op('Mul', [distance, g.input('reference_known', DataType.float, [])]);
}

/** Distance `[length]` of the listed rows' V to the cached V; 0 elsewhere. */
function valueDistance(g: GraphBuilder, listed: ListedValues, cached: Value): Value {
  const before = g.op('GatherND', [cached, listed.rows]);
  const moved = halfSquaredDistance(g, unitRows(g, listed.fresh), unitRows(g, before));
  return g.op('ScatterND', [zeros(g, DataType.float), listed.rows, moved]);
}

/** `s = mean_i d_i` over the scope (paper, eq. 5), `[1]`. */
function scopeMean(g: GraphBuilder, distance: Value): Value {
  const scope = g.input('scope', DataType.float, ['length']);
  const sum = (x: Value) =>
    g.op('ReduceSum', [g.op('Cast', [x], { to: DataType.double }), g.ints([0])], { keepdims: 1 });
  return g.op('Div', [sum(g.op('Mul', [distance, scope])), sum(scope)]);
}

interface ChosenRows {
  /** `[rows, 1]` ascending positions; may be empty. */
  readonly rows: Value;
  /** `rows`, or position 0 where `rows` is empty: a product over no rows would end the process. */
  readonly padded: Value;
  /** `[1]` number of rows. */
  readonly count: Value;
}

/** The mandatory rows of layer `l` united with its `budgets[l]` candidates of the largest distance. */
function chooseRows(g: GraphBuilder, distance: Value, l: number): ChosenRows {
  const mandatory = g.op(
    'Gather',
    [g.input('mandatory', DataType.bool, ['layers', 'length']), g.ints([l], [])],
    { axis: 0 },
  );
  const candidates = g.input('candidates', DataType.bool, ['length']);
  const budget = layerSlice(g, g.input('budgets', DataType.int64, ['layers']), l);

  const ranked = g.op('Where', [candidates, distance, g.scalar(-1)]);
  const k = g.op('Max', [budget, g.ints([1])]);
  const [, most] = g.ops('TopK', [ranked, k], 2, { axis: -1, largest: 1, sorted: 1 });
  const wanted = g.op('Expand', [g.op('Greater', [budget, g.ints([0])]), k]);
  const selected = g.op('ScatterElements', [zeros(g, DataType.bool), most!, wanted], { axis: 0 });

  const rows = g.op('Transpose', [g.op('NonZero', [g.op('Or', [selected, mandatory])])], { perm: [1, 0] });
  const count = g.op('Slice', [g.op('Shape', [rows]), g.ints([0]), g.ints([1])]);
  const missing = g.op('Max', [g.op('Sub', [g.ints([1]), count]), g.ints([0])]);
  const filler = g.op('Slice', [g.ints([0], [1, 1]), g.ints([0]), missing, g.ints([0])]);
  return { rows, padded: g.op('Concat', [rows, filler], { axis: 0 }), count };
}

/** Element `l` of a `[layers]` vector, as `[1]`. */
function layerSlice(g: GraphBuilder, vector: Value, l: number): Value {
  return g.op('Slice', [vector, g.ints([l]), g.ints([l + 1]), g.ints([0])]);
}

/** `[length]` zeros (or falses). */
function zeros(g: GraphBuilder, dataType: typeof DataType.float | typeof DataType.bool): Value {
  const shape = g.op('Shape', [g.input('candidates', DataType.bool, ['length'])]);
  const data = dataType === DataType.float ? new Uint8Array(4) : new Uint8Array(1);
  return g.op('ConstantOfShape', [shape], { value: { name: 'zero', dataType, dims: [1], data } });
}
