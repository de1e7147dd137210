import type { Tensor } from 'onnxruntime-node';
import { writtenInPlace } from '../../graph/device/adaptive.js';
import type { GraphModel } from '../../graph/layers.js';
import { newRowsName, type StateKind, stateName } from '../../graph/names.js';
import type { StepGraphSpec } from '../../graph/spec.js';
import type { Feeds } from '../ort-session.js';
import { stateWidths, streamsOf } from '../state.js';
import type { Outputs } from '../step-io.js';
import type { DeviceTensors } from './tensors.js';

interface Cache {
  readonly input: string;
  readonly output: string;
  readonly kind: StateKind;
  readonly inPlace: boolean;
  tensor: Tensor;
}

/** What a session is told of an output: nothing (it makes a new tensor), or the tensor to write into. */
export type Fetches = Record<string, Tensor | null>;

/**
 * The caches of one sample on the device. A pass writes fresh rows into the buffers that it read, where nothing else
 * of the graph reads their old rows; the other caches come out as new tensors, and the old ones are disposed.
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
          caches.push({
            input: stateName(prefix, kind, layer),
            output: newRowsName(prefix, kind, layer),
            kind,
            inPlace: spec.rows.kind === 'uniform' || writtenInPlace(spec.rows, kind),
            tensor: await tensors.zeros([length, width]),
          });
        }
      }
    }
    return new DeviceState(caches);
  }

  /** Adds every cache to the inputs and outputs of a pass that updates them. */
  bind(feeds: Feeds, fetches: Fetches): void {
    for (const { input, output, tensor, inPlace } of this.#caches) {
      feeds[input] = tensor;
      fetches[output] = inPlace ? tensor : null;
    }
  }

  /** Adds every cache to the inputs of a pass that leaves them as they are. */
  bindReadOnly(feeds: Feeds): void {
    for (const { input, tensor } of this.#caches) feeds[input] = tensor;
  }

  /** Takes over the caches that came out as new tensors. */
  advance(out: Outputs): void {
    for (const cache of this.#caches) {
      if (cache.inPlace) continue;
      const next = out[cache.output]!;
      cache.tensor.dispose();
      cache.tensor = next;
    }
  }

  dispose(): void {
    for (const { tensor } of this.#caches) tensor.dispose();
  }
}
