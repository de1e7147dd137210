import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { DataType, encodeModel } from '../../formats/onnx/model.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import { stepOpsets } from '../../graph/step.js';
import { int64 } from '../tensors.js';
import { webgpuOptions } from './options.js';

/**
 * Makes tensors on the device. JavaScript cannot allocate there: a tensor is the output of a session that keeps its
 * outputs on the device, and lives until it is disposed.
 */
export class DeviceTensors {
  readonly #zeros: InferenceSession;
  readonly #copy: InferenceSession;

  private constructor(zeros: InferenceSession, copy: InferenceSession) {
    this.#zeros = zeros;
    this.#copy = copy;
  }

  /** @throws Error where onnxruntime cannot start on WebGPU. */
  static async open(): Promise<DeviceTensors> {
    const zeros = await session((g) => {
      return g.op('Expand', [g.scalar(0), g.input('dims', DataType.int64, ['rank'])]);
    });
    const copy = await session((g) => g.op('Identity', [g.input('x', DataType.float, ['rows', 'columns'])]));
    return new DeviceTensors(zeros, copy);
  }

  /** Zeros of the shape `dims`, two dimensions. */
  async zeros(dims: readonly [number, number]): Promise<Tensor> {
    return (await this.#zeros.run({ dims: int64(Int32Array.from(dims)) })).y!;
  }

  /** A float32 matrix of the host, on the device. */
  async upload(matrix: Tensor): Promise<Tensor> {
    return (await this.#copy.run({ x: matrix })).y!;
  }

  async close(): Promise<void> {
    await this.#zeros.release();
    await this.#copy.release();
  }
}

function session(build: (g: GraphBuilder) => Value): Promise<InferenceSession> {
  const g = new GraphBuilder();
  g.output('y', build(g), DataType.float, ['rows', 'columns']);
  return InferenceSession.create(encodeModel({ graph: g.build('tensors'), ...stepOpsets }), {
    ...webgpuOptions(),
    preferredOutputLocation: 'gpu-buffer',
  });
}
