import { DataType, encodeModel } from '../formats/onnx/model.js';
import { GraphBuilder, type Value } from './builder.js';
import { predictionHead } from './head.js';
import { type GraphModel, Layers } from './layers.js';
import { plainSpec } from './spec.js';
import { stepOpsets } from './step.js';
import { uniformStream } from './uniform.js';

/**
 * The operations of a block on several canvases of one length, whose rows stand one canvas below the other:
 * `[canvases * length, width]`. Only rotation and attention tell them apart. Input: their number, `canvases` int64 `[1]`.
 */
class BatchedLayers extends Layers {
  protected override canvases(x: Value, width: number): Value {
    return this.g.op('Reshape', [x, this.batchedShape(width)]);
  }

  protected override positions(positions: Value): Value {
    const shape = this.g.op('Concat', [this.#count(), this.g.ints([-1])], { axis: 0 });
    return this.g.op('Reshape', [positions, shape]);
  }

  protected override batchedShape(width: number): Value {
    return this.g.op('Concat', [this.#count(), this.g.ints([-1, width])], { axis: 0 });
  }

  override rows(x: Value): Value {
    return this.g.part('attention', () => this.g.op('Flatten', [x], { axis: 2 }));
  }

  #count(): Value {
    return this.g.input('canvases', DataType.int64, [1]);
  }
}

/**
 * A full pass over several canvases of one length at once, without a cache: `ids` int32 `[canvases * length]`,
 * `positions` int64 `[1, canvases * length]`, each canvas from 0, and `head_rows` int32, counted through all rows. Outputs as
 * those of a step graph.
 */
export function batchedModel(model: GraphModel): Uint8Array {
  const g = new GraphBuilder();
  const layers = new BatchedLayers(g, model);
  const headRows = g.input('head_rows', DataType.int32, ['head']);
  const rows = { kind: 'uniform', cached: false } as const;
  const hidden = uniformStream(g, layers, model, rows, '', { probes: [], keepsFirst: false });
  g.part('head', () => {
    const logits = layers.logits(g.op('Gather', [hidden, headRows], { axis: 0 }));
    predictionHead(g, model, plainSpec, [logits]);
  });
  return encodeModel({ graph: g.build('step.batched'), ...stepOpsets });
}
