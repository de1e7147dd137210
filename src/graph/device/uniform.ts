import { DataType } from '../../formats/onnx/model.js';
import type { GraphBuilder, Value } from '../builder.js';
import { type GraphModel, kvWidth } from '../layers.js';
import { newRowsName, type StreamPrefix, stateName } from '../names.js';
import type { DeviceLayers } from './layers.js';

/**
 * One stream with the same rows in every layer, caches on the device.
 *
 * Inputs: tokens of the rows, their absolute positions `rows` int64 `[rows, 1]`, and per layer K (rotated) and V of
 * all positions, `[length, kvWidth]`. Each cache with the fresh rows in it is an output of the name of fresh rows:
 * the engine binds it to the buffer of the input, so that nothing but these rows is written.
 *
 * @returns final hidden rows `[rows, dModel]`, normalised for the head.
 */
export function deviceUniformStream(
  g: GraphBuilder,
  layers: DeviceLayers,
  model: GraphModel,
  prefix: StreamPrefix,
): Value {
  const rows = g.input('rows', DataType.int64, ['rows', 1]);
  const dims = ['length', kvWidth(model)] as const;
  const update = (kind: 'k' | 'v', layer: number, fresh: Value): Value => {
    const cache = g.input(stateName(prefix, kind, layer), DataType.float, dims);
    const next = g.op('ScatterND', [cache, rows, fresh]);
    g.output(newRowsName(prefix, kind, layer), next, DataType.float, dims);
    return next;
  };

  let h = layers.embedTokens(prefix, 'rows');
  let u = layers.norm(h, 'attnNorm', 0);
  for (let l = 0; l < model.layers; l++) {
    const q = layers.rope(layers.project(u, 'q', l), rows, 'q');
    const keys = update('k', l, layers.rope(layers.project(u, 'k', l), rows, 'k'));
    const values = update('v', l, layers.project(u, 'v', l));
    const attended = layers.addNorm(h, layers.attention(q, keys, values, l), 'ffNorm', l);
    const last = l + 1 === model.layers;
    ({ sum: h, normed: u } = layers.addNorm(
      attended.sum,
      layers.ffn(attended.normed, l),
      last ? 'finalNorm' : 'attnNorm',
      last ? undefined : l + 1,
    ));
  }
  return u;
}
