import { DataType, encodeModel } from '../formats/onnx/model.js';
import { GraphBuilder, type Value } from './builder.js';
import { type GraphModel, Layers } from './layers.js';
import { stepOpsets } from './step.js';

/** Above this many weights one product speaks for its layer: a second layer in memory would be felt. */
const wholeLayerWeights = 32e6;

/**
 * Layer 0 over the rows that it is given, as all layers compute them: `x` float32 `[rows, dModel]`, `positions` int64
 * `[1, rows]` and the tables of the rotation come in, `y` `[rows, dModel]` comes out. Of a wide layer only the query
 * projection. For timing: there is no cache, and attention is over these rows alone.
 */
export function layerProbeModel(model: GraphModel): { readonly bytes: Uint8Array; readonly whole: boolean } {
  const g = new GraphBuilder();
  const layers = new Layers(g, model);
  const x = g.input('x', DataType.float, ['rows', model.dModel]);
  const whole = layerWeights(model) <= wholeLayerWeights;
  const y = whole ? layer(g, layers, x) : layers.linear(x, 'q', 0);
  g.output('y', y, DataType.float, ['rows', whole ? model.dModel : model.heads * model.headDim]);
  return { bytes: encodeModel({ graph: g.build('layer'), ...stepOpsets }), whole };
}

function layer(g: GraphBuilder, layers: Layers, x: Value): Value {
  const positions = g.input('positions', DataType.int64, [1, 'rows']);
  const u = layers.norm(x, 'attnNorm', 0);
  const q = layers.rope(layers.project(u, 'q', 0), positions, 'q');
  const keys = layers.rows(layers.rope(layers.project(u, 'k', 0), positions, 'k'));
  const attended = layers.addNorm(x, layers.attention(q, keys, layers.project(u, 'v', 0), 0), 'ffNorm', 0);
  return g.op('Add', [attended.sum, layers.ffn(attended.normed, 0)]);
}

/** Weights of the matrices of one layer. */
function layerWeights({ dModel, heads, kvHeads, headDim, ffnDim }: GraphModel): number {
  return dModel * (2 * heads * headDim + 2 * kvHeads * headDim + 3 * ffnDim);
}
