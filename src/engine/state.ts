import type { Tensor } from 'onnxruntime-node';
import type { GraphModel } from '../graph/layers.js';
import { kvWidth } from '../graph/layers.js';
import { queryState, type StateKind, type StreamPrefix, stateName } from '../graph/names.js';
import { graphSavings, readsCaches, type StepGraphSpec } from '../graph/spec.js';
import type { Feeds } from './ort-session.js';
import { releaseArrays } from './release.js';
import { float32 } from './tensors.js';

/** One cached matrix, `[length, width]`, on the host. */
interface StateArray {
  readonly width: number;
  /** Whether a session takes the active rows of it only; K and V are read whole. */
  readonly activeOnly: boolean;
  data: Float32Array;
  /** `data` from row `first` on, as an input of the session. */
  tensor: Tensor;
  first: number;
}

/**
 * The caches of one sample on the host: K and V (uniform rows), and A, F and the compared feature (adaptive
 * rows), of every layer and stream. They are fed to the session without a copy and only fresh rows come back.
 */
export class HostState {
  readonly #length: number;
  readonly #arrays = new Map<string, StateArray>();
  /** Arrays that nobody will read again. */
  #spent: Float32Array[] = [];

  constructor(model: GraphModel, spec: StepGraphSpec, length: number) {
    this.#length = length;
    for (const { prefix, kind, layer, width } of hostStates(model, spec)) {
      const data = new Float32Array(length * width);
      const tensor = float32(data, [length, width]);
      const activeOnly = kind !== 'k' && kind !== 'v';
      this.#arrays.set(stateName(prefix, kind, layer), { width, activeOnly, data, tensor, first: 0 });
    }
  }

  /** Adds every cache to the inputs of the session. @param first The first active row. */
  addTo(feeds: Feeds, first = 0): void {
    for (const [name, array] of this.#arrays) {
      const from = array.activeOnly ? first : 0;
      if (array.first !== from) {
        const { data, width } = array;
        array.tensor = float32(data.subarray(from * width), [this.#length - from, width]);
        array.first = from;
      }
      feeds[name] = array.tensor;
    }
  }

  /**
   * Writes rows of `fresh` to the positions `rows`: row `sources[i]` (default `i`) to `rows[i]`. A fresh matrix
   * of all positions is taken over without a copy; any other is not to be read afterwards.
   */
  writeRows(name: string, rows: Int32Array, fresh: Float32Array, sources?: Int32Array): void {
    const { data, width } = this.#get(name);
    if (rows.length === this.#length && fresh.length === data.length) {
      this.replace(name, fresh);
      return;
    }
    const sourceOf = (i: number) => sources?.[i] ?? i;
    for (let i = 0, count = 1; i < rows.length; i += count) {
      const [row, source] = [rows[i]!, sourceOf(i)];
      // Neighbours that stay neighbours are copied together.
      for (count = 1; i + count < rows.length; count++) {
        if (rows[i + count] !== row + count || sourceOf(i + count) !== source + count) break;
      }
      data.set(fresh.subarray(source * width, (source + count) * width), row * width);
    }
    this.#spent.push(fresh);
  }

  /** Takes over a whole fresh matrix `[length, width]` without copying it. */
  replace(name: string, fresh: Float32Array): void {
    const array = this.#get(name);
    this.#spent.push(array.data);
    array.data = fresh;
    array.tensor = float32(fresh, [this.#length, array.width]);
    array.first = 0;
  }

  /** Frees what the writes of a pass have left over. */
  releaseSpent(): void {
    releaseArrays(this.#spent);
    this.#spent = [];
  }

  #get(name: string): StateArray {
    const array = this.#arrays.get(name);
    if (array === undefined) throw new Error(`no cache named ${name}`);
    return array;
  }
}

interface HostStateSpec {
  readonly prefix: StreamPrefix;
  readonly kind: StateKind | typeof queryState;
  readonly layer: number;
  readonly width: number;
}

/** The states that a graph on the processor reads. */
function hostStates(model: GraphModel, spec: StepGraphSpec): HostStateSpec[] {
  const keepsFirst = graphSavings(spec).includes('first-layer');
  return streamsOf(spec).flatMap((prefix) => {
    const states = stateWidths(model, spec).flatMap(([kind, width]) =>
      Array.from({ length: model.layers }, (_, layer) => ({ prefix, kind, layer, width })),
    );
    const read = states.filter(({ kind, layer }) => {
      // A complete layer 0 computes its A and F in every pass.
      if (layer === 0 && keepsFirst) return kind !== 'a' && kind !== 'f';
      return readsCaches(spec.rows);
    });
    const q = { prefix, kind: queryState, layer: 0, width: model.heads * model.headDim } as const;
    return keepsFirst ? [...read, q] : read;
  });
}

/** The streams that a spec's graph has. */
export function streamsOf(spec: StepGraphSpec): readonly StreamPrefix[] {
  return spec.guidance ? ['', 'u.'] : [''];
}

/** The kinds of state of a spec's graph, with their row widths. */
export function stateWidths(model: GraphModel, spec: StepGraphSpec): [StateKind, number][] {
  const widths: [StateKind, number][] = [
    ['k', kvWidth(model)],
    ['v', kvWidth(model)],
  ];
  if (spec.rows.kind === 'adaptive') {
    widths.push(['a', model.dModel], ['f', model.dModel]);
    if (spec.rows.feature === 'layer-input') widths.push(['x', model.dModel]);
  }
  return widths;
}
