import { Tensor } from 'onnxruntime-node';
import { DataType, encodeModel } from '../formats/onnx/model.js';
import { GraphBuilder, type Value } from '../graph/builder.js';
import { quantisedProduct } from '../graph/quantised.js';
import { stepOpsets } from '../graph/step.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { WeightRole } from '../models/types.js';
import { plainSession } from './plain-session.js';

/** A session that runs the matrix products of one step and nothing else. */
export interface BareLinears {
  /** Runs them over `rows` rows, the head over the first `headRows` of them; both at least one. */
  run(rows: number, headRows: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The floor of a step on the processor: the same weights, shapes and operator as in the step graph, chained so that no
 * product can be left out. It packs weights of its own, so it takes the memory of a session.
 */
export async function openBareLinears(checkpoint: Checkpoint, threads: number): Promise<BareLinears> {
  const { dModel, vocabSize } = checkpoint.dimensions;
  const { weightsDir } = checkpoint;
  const session = await plainSession(linearsModel(checkpoint), { weightsDir, threads });
  let input: { readonly rows: number; readonly x: Tensor } | undefined;
  return {
    async run(rows, headRows) {
      if (input?.rows !== rows) {
        input = { rows, x: new Tensor('float32', unitNoise(rows * dModel), [rows, dModel]) };
      }
      const head = new Tensor('int64', BigInt64Array.of(BigInt(headRows)), [1]);
      const { logits } = await session.run({ x: input.x, head });
      if (logits?.dims.at(-1) !== vocabSize) throw new Error('the head did not run');
    },
    close: () => session.release(),
  };
}

function linearsModel(checkpoint: Checkpoint): Uint8Array {
  const { dModel, layers } = checkpoint.dimensions;
  const g = new GraphBuilder();
  const linear = (x: Value, role: WeightRole, layer?: number): Value => {
    const { name, quantised, ...range } = checkpoint.weight(role, layer);
    if (quantised !== undefined) return quantisedProduct(g, x, quantised, range.shape);
    return g.op('Gemm', [x, g.weight(name, range)], { transB: 1 });
  };
  /** Makes a product count without moving it: one row of it becomes an output. */
  const keep = (x: Value, name: string) => {
    const row = g.op('Slice', [x, g.ints([0]), g.ints([1]), g.ints([0])]);
    g.output(name, row, DataType.float, [1, `${name}.width`]);
  };
  let h = g.input('x', DataType.float, ['rows', dModel]);
  for (let l = 0; l < layers; l++) {
    for (const role of ['k', 'v'] as const) keep(linear(h, role, l), `${role}.${l}`);
    h = linear(linear(h, 'q', l), 'attnOut', l);
    keep(linear(h, 'gate', l), `gate.${l}`);
    h = linear(linear(h, 'up', l), 'down', l);
  }
  const head = g.op('Slice', [h, g.ints([0]), g.input('head', DataType.int64, [1]), g.ints([0])]);
  keep(linear(head, 'head'), 'logits');
  return encodeModel({ graph: g.build('linears'), ...stepOpsets });
}

/** Values of variance about 1 without a pattern that caches like. */
function unitNoise(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sqrt(2) * Math.sin(i * 12.9898));
}
