import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { DataType, encodeModel } from '../../formats/onnx/model.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { GraphModel } from '../../graph/layers.js';
import { stepOpsets } from '../../graph/step.js';
import { int32 } from '../tensors.js';

/**
 * Embedding rows made on the host, for a table that is larger than a buffer of the GPU. The file stays mapped: only
 * the pages of the rows in use are read.
 */
export class TokenEmbedder {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async open(model: GraphModel, weightsDir: string): Promise<TokenEmbedder> {
    const { name, ...range } = model.weight('embedding');
    const g = new GraphBuilder();
    const rows = g.op('Gather', [g.stored(name, range), g.input('ids', DataType.int32, ['rows'])], {
      axis: 0,
    });
    g.output('embedded', g.op('Cast', [rows], { to: DataType.float }), DataType.float, [
      'rows',
      model.dModel,
    ]);
    const bytes = encodeModel({ graph: g.build('embedding'), ...stepOpsets });
    return new TokenEmbedder(
      await InferenceSession.create(bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: 1,
        logSeverityLevel: 4,
        extra: { session: { model_external_initializers_file_folder_path: weightsDir } },
      }),
    );
  }

  /** `[rows, dModel]` float32 of ids `[rows]`. */
  async embed(ids: Int32Array): Promise<Tensor> {
    return (await this.#session.run({ ids: int32(ids) })).embedded!;
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}
