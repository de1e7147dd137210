import type { Tensor } from 'onnxruntime-node';
import type { Feeds } from '../ort-session.js';
import { floatScalar, int32 } from '../tensors.js';
import type { StepRequest } from '../types.js';
import { KeptRows } from './kept-rows.js';
import type { DeviceTensors } from './tensors.js';

/** What a pass of the unconditional stream leaves for the conditional one. */
export interface UnconditionalPass {
  /** `[headRows, vocab]` on the device; taken over. */
  readonly logits: Tensor;
  readonly layerRows: Int32Array[] | undefined;
}

/**
 * Classifier-free guidance whose difference of the streams is made anew only on some passes, as
 * `ResidualGuidance`, with logits and differences on the device.
 */
export class DeviceGuidance {
  readonly #kept: KeptRows;

  private constructor(kept: KeptRows) {
    this.#kept = kept;
  }

  static async create(tensors: DeviceTensors, vocab: number): Promise<DeviceGuidance> {
    return new DeviceGuidance(await KeptRows.create(tensors, vocab));
  }

  /** Inputs of a pass from the logits of the other stream, or from the differences that were kept. */
  feeds(request: StepRequest, headRows: Int32Array, other: UnconditionalPass | undefined): Feeds {
    const index = other === undefined ? this.#find(request, headRows) : headRows.map((_, i) => i);
    return {
      guidance_rows: other?.logits ?? this.#kept.tensor,
      guidance_index: int32(index),
      guidance_fresh: floatScalar(other === undefined ? 0 : 1),
    };
  }

  #find(request: StepRequest, headRows: Int32Array): Int32Array {
    const { index, known } = this.#kept.find(headRows);
    // A pass that predicts nothing has a stand-in row, for which no difference is kept.
    if (request.headRows.length > 0 && known.includes(false)) {
      throw new RangeError(`no row is kept for position ${headRows[known.indexOf(false)]}`);
    }
    return index;
  }

  /** Keeps the differences of a refresh; frees what the pass leaves over. */
  keep(headRows: Int32Array, residual: Tensor, other: UnconditionalPass | undefined): void {
    if (other === undefined) {
      residual.dispose();
      return;
    }
    other.logits.dispose();
    this.#kept.keep(headRows, residual);
  }

  dispose(): void {
    this.#kept.dispose();
  }
}
