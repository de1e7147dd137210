import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DataType, encodeModel } from '../../src/formats/onnx/model.js';
import { GraphBuilder, type Value } from '../../src/graph/builder.js';
import type { Checkpoint } from '../../src/models/checkpoint.js';
import type { WeightRole } from '../../src/models/types.js';

/**
 * A session that runs the matrix products of one step and nothing else: the same weights, shapes and operator
 * as the step graph, chained so that none can be left out.
 *
 * @returns a function that runs them over `rows` rows, the head over the first `headRows` of them.
 */
export async function bareLinears(
  checkpoint: Checkpoint,
  threads: number,
): Promise<{ run(rows: number, headRows: number): Promise<void>; close(): Promise<void> }> {
  const { dModel, layers, vocabSize } = checkpoint.dimensions;
  const g = new GraphBuilder();
  const linear = (x: Value, role: WeightRole, layer?: number): Value => {
    const { name, ...range } = checkpoint.weight(role, layer);
    return g.op('Gemm', [x, g.weight(name, range)], { transB: 1 });
  };
  /** Makes a product count without moving it: one row of it becomes an output. */
  const keep = (x: Value, name: string) => {
    const row = g.op('Slice', [x, g.ints([0]), g.ints([1]), g.ints([0])]);
    g.output(name, row, DataType.float, [1, 'width']);
  };
  let h = g.input('x', DataType.float, ['rows', dModel]);
  for (let l = 0; l < layers; l++) {
    for (const role of ['q', 'k', 'v', 'attnOut'] as const) h = linear(h, role, l);
    keep(linear(h, 'gate', l), `gate.${l}`);
    h = linear(linear(h, 'up', l), 'down', l);
  }
  const head = g.op('Slice', [h, g.ints([0]), g.input('head', DataType.int64, [1]), g.ints([0])]);
  keep(linear(head, 'head'), 'logits');
  const bytes = encodeModel({
    graph: g.build('linears'),
    opsets: [{ domain: '', version: 21 }],
    irVersion: 10,
    producer: 'repro',
  });
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: {
      session: { model_external_initializers_file_folder_path: checkpoint.dir, set_denormal_as_zero: '1' },
    },
  });
  const inputs = new Map<number, Tensor>();
  return {
    async run(rows, headRows) {
      const x = inputs.get(rows) ?? new Tensor('float32', unitNoise(rows * dModel), [rows, dModel]);
      inputs.set(rows, x);
      const { logits } = await session.run({
        x,
        head: new Tensor('int64', BigInt64Array.of(BigInt(headRows)), [1]),
      });
      if (logits?.dims.at(-1) !== vocabSize) throw new Error('the head did not run');
    },
    close: () => session.release(),
  };
}

/** Values of variance about 1 without a pattern that caches like. */
function unitNoise(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sqrt(2) * Math.sin(i * 12.9898));
}
