import { DataType, encodeModel, type Graph } from '../formats/onnx/model.js';
import { adaptiveStream } from './adaptive.js';
import { GraphBuilder, type Value } from './builder.js';
import { layerDistances, scopeMeans } from './distance.js';
import { predictionHead } from './head.js';
import { type GraphModel, Layers } from './layers.js';
import { LazyHead } from './lazy-head.js';
import { streams } from './names.js';
import { graphSavings, hasLazyHead, type StepGraphSpec } from './spec.js';
import { uniformStream } from './uniform.js';

/** Versions of the graphs; onnxruntime 1.30 loads opsets 21 to 26. */
export const stepOpsets = {
  opsets: [
    { domain: '', version: 21 },
    { domain: 'com.microsoft', version: 1 },
  ],
  irVersion: 10,
  producer: 'repro',
};

/** The graph of one denoising step. Inputs and outputs are named in `names.ts`. */
export function stepGraph(model: GraphModel, spec: StepGraphSpec): Graph {
  if (spec.probe.length > 0 && spec.rows.kind !== 'uniform')
    throw new Error('only uniform rows have a probe');
  const g = new GraphBuilder();
  const layers = new Layers(g, model);
  const saved = graphSavings(spec);
  const headRows = g.input('head_rows', DataType.int32, ['head']);
  const lazy = hasLazyHead(spec) ? g.part('head', () => new LazyHead(g, model, headRows)) : undefined;
  const wanted = lazy?.rows ?? headRows;
  const gather = (rows: Value) => g.op('Gather', [rows, wanted], { axis: 0 });
  const logits = streams.slice(0, spec.guidance ? 2 : 1).map((prefix) => {
    if (spec.rows.kind === 'uniform') {
      const probes = prefix === '' ? spec.probe : [];
      const last = saved.includes('last-layer') ? wanted : undefined;
      const keepsFirst = saved.includes('first-layer');
      const hidden = uniformStream(g, layers, model, spec.rows, prefix, {
        probes,
        lastRows: last,
        keepsFirst,
      });
      return g.part('head', () => {
        const final = last === undefined ? gather(hidden) : hidden;
        return layers.logits(lazy?.predicted(prefix, final) ?? final);
      });
    }
    const stream = adaptiveStream(g, layers, model, spec.rows, prefix, {
      tracksChanges: saved.includes('unchanged-rows'),
      keepsFirst: saved.includes('first-layer'),
    });
    const distances = g.part('selection', () => layerDistances(g, stream.distances));
    const means = g.part('selection', () => scopeMeans(g, distances));
    g.output(`${prefix}means`, means, DataType.double, [model.layers]);
    if (spec.distances && prefix === '') {
      g.output('distances', distances, DataType.float, [model.layers, 'active']);
    }
    return g.part('head', () => {
      const final = layers.norm(gather(stream.hidden), 'finalNorm');
      return layers.logits(lazy?.predicted(prefix, final) ?? final);
    });
  });
  g.part('head', () => predictionHead(g, model, spec, logits));
  return g.build(`step.${spec.rows.kind}`);
}

/** The bytes of the step graph; its weights are byte ranges of the checkpoint's own files. */
export function stepModel(model: GraphModel, spec: StepGraphSpec): Uint8Array {
  return encodeModel({ graph: stepGraph(model, spec), ...stepOpsets });
}
