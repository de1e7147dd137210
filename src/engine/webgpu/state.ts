import type { Tensor } from 'onnxruntime-node';
import { writtenInPlace } from '../../graph/device/adaptive.js';
import type { GraphModel } from '../../graph/layers.js';
import { newRowsName, stateName } from '../../graph/names.js';
import type { StepGraphSpec } from '../../graph/spec.js';
import type { Feeds } from '../ort-session.js';
import { stateWidths, streamsOf } from '../state.js';
import type { Fetches } from './run.js';
import type { DeviceTensors } from './tensors.js';

interface Cache {
  readonly input: string;
  readonly output: string;
  tensor: Tensor;
  /** What the next pass writes into: the same tensor, or a second one where the graph also reads the old rows. */
  next: Tensor;
}

/**
 * The caches of one sample on the device. A pass writes fresh rows into the buffers that it read, where nothing else
 * of the graph reads their old rows; the other caches have two buffers, which change places.
 */
export class DeviceState {
  readonly #caches: readonly Cache[];

  private constructor(caches: readonly Cache[]) {
    this.#caches = caches;
  }

  /** Zeros of all caches of a spec. */
  static async create(
    tensors: DeviceTensors,
    model: GraphModel,
    spec: StepGraphSpec,
    length: number,
  ): Promise<DeviceState> {
    const caches: Cache[] = [];
    for (const prefix of streamsOf(spec)) {
      for (const [kind, width] of stateWidths(model, spec)) {
        for (let layer = 0; layer < model.layers; layer++) {
          const inPlace = spec.rows.kind === 'uniform' || writtenInPlace(spec.rows, kind);
          const tensor = await tensors.zeros([length, width]);
          caches.push({
            input: stateName(prefix, kind, layer),
            output: newRowsName(prefix, kind, layer),
            tensor,
            next: inPlace ? tensor : await tensors.zeros([length, width]),
          });
        }
      }
    }
    return new DeviceState(caches);
  }

  /** Adds every cache to the inputs and outputs of a pass that updates them. */
  bind(feeds: Feeds, fetches: Fetches): void {
    for (const { input, output, tensor, next } of this.#caches) {
      feeds[input] = tensor;
      fetches[output] = next;
    }
  }

  /** Adds every cache to the inputs of a pass that leaves them as they are. */
  bindReadOnly(feeds: Feeds): void {
    for (const { input, tensor } of this.#caches) feeds[input] = tensor;
  }

  /** Takes over what a pass wrote. */
  advance(): void {
    for (const cache of this.#caches) [cache.tensor, cache.next] = [cache.next, cache.tensor];
  }

  dispose(): void {
    for (const { tensor, next } of this.#caches) {
      tensor.dispose();
      if (next !== tensor) next.dispose();
    }
  }
}
