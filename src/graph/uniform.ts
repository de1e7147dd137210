import { DataType } from '../formats/onnx/model.js';
import type { GraphBuilder, Value } from './builder.js';
import { firstProjections } from './first-layer.js';
import { type GraphModel, kvWidth, type Layers } from './layers.js';
import { newRowsName, probeName, type StreamPrefix, stateName } from './names.js';
import { type ProbeKind, type RowFamily, readsCaches } from './spec.js';

export type UniformFamily = Extract<RowFamily, { kind: 'uniform' }>;

export interface UniformOptions {
  /** Tensors of every layer that become outputs, see `StepGraphSpec.probe`. */
  readonly probes: readonly ProbeKind[];
  /** Indices into the rows, int32: those that the last layer computes; the others take K and V there. */
  readonly lastRows?: Value | undefined;
  /** Whether layer 0 keeps q, K and V of rows whose token stayed, see `firstProjections`. */
  readonly keepsFirst: boolean;
}

/**
 * One stream with the same rows in every layer.
 *
 * Inputs: `ids` int32 `[rows]`, their absolute positions int64 as `rows` `[rows, 1]` (for the caches) and as
 * `positions` `[1, rows]` (for the rotation), and per layer K (rotated) and V of all positions, `[length, kvWidth]`. Fresh
 * rows replace cached ones before the attention; they are outputs, so that the host can write them back. A full pass is
 * rows = all. A stream that is not cached has neither those inputs nor those outputs, and its rows are all rows.
 *
 * @returns final hidden rows, normalised for the head: `[rows, dModel]`, or of `lastRows`.
 */
export function uniformStream(
  g: GraphBuilder,
  layers: Layers,
  model: GraphModel,
  family: UniformFamily,
  prefix: StreamPrefix,
  { probes, lastRows, keepsFirst }: UniformOptions,
): Value {
  const ids = g.input(`${prefix}ids`, DataType.int32, ['rows']);
  const positions = g.input('positions', DataType.int64, [1, 'rows']);
  const width = kvWidth(model);
  const cached = readsCaches(family);
  const withCached = (kind: 'k' | 'v', layer: number, fresh: Value): Value => {
    const isProbed = probes.includes(kind === 'k' ? 'key' : 'value');
    if (cached || isProbed)
      g.output(newRowsName(prefix, kind, layer), fresh, DataType.float, ['rows', width]);
    if (!cached) return fresh;
    const cache = g.input(stateName(prefix, kind, layer), DataType.float, ['length', width]);
    const rows = g.input('rows', DataType.int64, ['rows', 1]);
    return g.part('state', () => g.op('ScatterND', [cache, rows, fresh]));
  };
  const probe = (kind: ProbeKind, layer: number, value: Value, columns: number | string) => {
    if (!probes.includes(kind)) return;
    g.output(probeName(kind, layer), value, DataType.float, ['rows', columns]);
  };

  let h = layers.embed(ids);
  const kept = (only: (q: Value) => Value) => {
    const { q, keys, values } = firstProjections(g, layers, model, prefix, h);
    return { q: only(q), keys, values };
  };
  let u = keepsFirst ? undefined : layers.norm(h, 'attnNorm', 0);
  for (let l = 0; l < model.layers; l++) {
    const last = l + 1 === model.layers;
    const only = (x: Value, axis = 0) =>
      last && lastRows !== undefined ? g.part('state', () => g.op('Gather', [x, lastRows], { axis })) : x;
    probe('raw-input', l, h, model.dModel);
    if (u !== undefined) probe('input', l, u, model.dModel);
    const project = (input: Value) => ({
      q: layers.rope(layers.project(only(input), 'q', l), only(positions, 1), 'q'),
      keys: withCached('k', l, layers.rows(layers.rope(layers.project(input, 'k', l), positions, 'k'))),
      values: withCached('v', l, layers.project(input, 'v', l)),
    });
    const { q, keys, values } = u === undefined ? kept((x) => only(x, 1)) : project(u);
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
  return u!;
}
