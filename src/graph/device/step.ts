import { DataType, encodeModel, type Graph } from '../../formats/onnx/model.js';
import { GraphBuilder, type Value } from '../builder.js';
import type { GraphModel } from '../layers.js';
import { streams } from '../names.js';
import type { StepGraphSpec } from '../spec.js';
import { stepOpsets } from '../step.js';
import { deviceAdaptiveStream } from './adaptive.js';
import { DeviceRowChooser } from './choose-rows.js';
import { devicePredictionHead } from './head.js';
import { DeviceLayers } from './layers.js';
import { Report } from './report.js';
import type { DeviceTarget } from './target.js';
import { deviceUniformStream } from './uniform.js';

/**
 * The graph of one denoising step on a GPU: as `stepGraph`, with the caches as inputs and outputs that stay on the
 * device, and one `report` for the host.
 */
export function deviceStepGraph(model: GraphModel, spec: StepGraphSpec, target: DeviceTarget): Graph {
  const g = new GraphBuilder();
  const layers = new DeviceLayers(g, model, target);
  const report = new Report();
  const after: (() => void)[] = [];
  const headRows = g.input('head_rows', DataType.int32, ['head']);
  const head = (rows: Value) => g.op('Gather', [rows, headRows], { axis: 0 });
  const { rows } = spec;
  const chooser =
    rows.kind === 'adaptive'
      ? new DeviceRowChooser(g, model.layers, model.maxSequenceLength, rows.guardEmpty)
      : undefined;
  const logits = streams.slice(0, spec.guidance ? 2 : 1).map((prefix) => {
    if (rows.kind === 'uniform' || chooser === undefined) {
      return layers.logits(head(deviceUniformStream(g, layers, model, prefix)));
    }
    const stream = deviceAdaptiveStream(g, layers, model, rows, chooser, prefix);
    after.push(() => {
      if (prefix === '') report.add('means', scopeMeans(g, stream.distances));
      for (const rows of stream.listed) report.add('rows', rows);
      if (spec.distances && prefix === '') {
        const all = g.op('Concat', stream.distances, { axis: 0 });
        report.add('distances', g.op('Mul', [all, g.scalar(0.5)]));
      }
    });
    return layers.logits(layers.norm(head(stream.hidden), 'finalNorm'));
  });
  devicePredictionHead(g, model, spec, logits, report);
  for (const add of after) add();
  report.finish(g);
  return g.build(`step.${rows.kind}.device`);
}

/** `s = mean_i d_i` of every layer over the scope (paper, eq. 5), `[layers]`. */
function scopeMeans(g: GraphBuilder, squared: readonly Value[]): Value {
  const scope = g.input('scope', DataType.float, ['length', 1]);
  const byLayer = g.op('Concat', squared, { axis: 1 });
  const sums = g.op('ReduceSum', [g.op('Mul', [byLayer, scope]), g.ints([0])], { keepdims: 0 });
  const twice = g.op('ReduceSum', [g.op('Add', [scope, scope]), g.ints([0])], { keepdims: 0 });
  return g.op('Div', [sums, twice]);
}

/** The bytes of the step graph; its weights are byte ranges of the checkpoint's own files. */
export function deviceStepModel(model: GraphModel, spec: StepGraphSpec, target: DeviceTarget): Uint8Array {
  return encodeModel({ graph: deviceStepGraph(model, spec, target), ...stepOpsets });
}
