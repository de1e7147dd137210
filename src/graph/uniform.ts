import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { newRowsName, probeName, type StreamPrefix, stateName } from './names.js';
import type { ProbeKind } from './spec.js';

/**
 * One stream with the same rows in every layer.
 *
 * Inputs: `ids` int32 `[rows]`, their absolute positions int64 as `rows` `[rows, 1]` (for the caches) and as
 * `positions` `[1, rows]` (for the rotation), and per layer K (rotated) and V of all positions, `[length, kvWidth]`. Fresh rows replace cached ones before the
 * attention; they are outputs, so that the host can write them back. A full pass is rows = all.
 *
 * @param probes Tensors of every layer that become outputs, see `StepGraphSpec.probe`.
 * @param lastRows Indices into the rows, int32: those that the last layer computes; the others take K and V there.
 * @returns final hidden rows, normalised for the head: `[rows, dModel]`, or of `lastRows`.
 */
export function uniformStream(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  prefix: StreamPrefix,
  probes: readonly ProbeKind[] = [],
  lastRows?: Value,
): Value {
  const ids = g.input(`${prefix}ids`, DataType.int32, ['rows']);
  const rows = g.input('rows', DataType.int64, ['rows', 1]);
  const positions = g.input('positions', DataType.int64, [1, 'rows']);
  const width = kvWidth(model);
  const cache = (kind: 'k' | 'v', layer: number) =>
    g.input(stateName(prefix, kind, layer), DataType.float, ['length', width]);

  const probe = (kind: ProbeKind, layer: number, value: Value, columns: number | string) => {
    if (!probes.includes(kind)) return;
    g.output(probeName(kind, layer), value, DataType.float, ['rows', columns]);
  };

  let h = layers.embed(ids);
  let u = layers.norm(h, 'attnNorm', 0);
  for (let l = 0; l < model.layers; l++) {
    probe('raw-input', l, h, model.dModel);
    probe('input', l, u, model.dModel);
    const last = l + 1 === model.layers;
    const only = (x: Value, axis = 0) =>
      last && lastRows !== undefined ? g.op('Gather', [x, lastRows], { axis }) : x;
    const q = layers.rope(layers.project(only(u), 'q', l), only(positions, 1), 'q');
    const k = layers.rows(layers.rope(layers.project(u, 'k', l), positions, 'k'));
    const v = layers.project(u, 'v', l);
    g.output(newRowsName(prefix, 'k', l), k, DataType.float, ['rows', width]);
    g.output(newRowsName(prefix, 'v', l), v, DataType.float, ['rows', width]);
    const keys = g.op('ScatterND', [cache('k', l), rows, k]);
    const values = g.op('ScatterND', [cache('v', l), rows, v]);
    if (probes.includes('attention-weights'))
      probe('attention-weights', l, layers.attentionWeights(q, keys), 'length');
    const attention = layers.attention(q, keys, values, l);
    probe('attention', l, attention, model.dModel);
    const attended = layers.addNorm(only(h), attention, 'ffNorm', l);
    const delta = layers.ffn(attended.normed, l);
    probe('ffn', l, delta, model.dModel);
    const next = layers.addNorm(
      attended.sum,
      delta,
      last ? 'finalNorm' : 'attnNorm',
      last ? undefined : l + 1,
    );
    ({ sum: h, normed: u } = next);
  }
  return u;
}
